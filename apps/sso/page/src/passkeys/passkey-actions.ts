/** The person's changes of passkeys. */
import { type FormFailure, toFormFailure } from '@samesite-sso/ui';
import type { NewPasskey, PasskeyCreation } from '../../../src/account-page/passkey-schemas.ts';
import { ACCOUNT_PATHS } from '../../../src/account-page/paths.ts';
import type { ChangeDependencies } from '../factors/authenticator-actions.ts';
import { failureOf } from '../failure-messages.ts';
import { isRefused } from '../send-account-request.ts';
import { createPasskey } from './create-passkey.ts';

export type PasskeyActions = ReturnType<typeof createPasskeyActions>;

const MAYBE_ADDED = 'The passkey may already have been added. Reload the page to see whether it was.';

export function createPasskeyActions({ sendChange, reload, fail }: ChangeDependencies) {
  /** @returns why it wasn't added; null if it was */
  async function addPasskey(name: string): Promise<FormFailure | null> {
    const path = ACCOUNT_PATHS.passkeyChallenge;
    const options = await sendChange<PasskeyCreation>('POST', path, { purpose: 'registration' });
    if (options.status !== 'ok') {
      if (isRefused(options, 'not-signed-in')) await reload();
      return failureOf(options);
    }
    const created = await createPasskey(options.body);
    if (typeof created === 'string') return toFormFailure(created);
    const reply = await sendChange<NewPasskey>('POST', ACCOUNT_PATHS.passkeys, { name, ...created });
    if (reply.status === 'ok' || isRefused(reply, 'not-signed-in')) await reload();
    if (reply.status === 'ok') return null;
    // Trying again from the form would ask for one more passkey.
    return { ...failureOf(reply, { ifUnanswered: MAYBE_ADDED }), isUnanswered: false };
  }

  /** @returns whether it is removed; if not, that is shown */
  async function removePasskey(id: string): Promise<boolean> {
    const reply = await sendChange('DELETE', `${ACCOUNT_PATHS.passkeys}/${id}`);
    if (reply.status === 'ok' || isRefused(reply, 'not-found')) {
      await reload();
      return true;
    }
    const tryAgain = async () => void (await removePasskey(id));
    await fail(reply, 'The passkey may still sign you in.', tryAgain);
    return false;
  }

  return { addPasskey, removePasskey };
}
