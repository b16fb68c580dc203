/** The person's changes of the authenticator app and the recovery codes. */
import { type FormFailure, toFormFailure } from '@samesite-sso/ui';
import { ACCOUNT_PATHS } from '../../../src/account-page/paths.ts';
import type { NewAuthenticator, NewRecoveryCodes } from '../../../src/account-page/schemas.ts';
import { failureOf } from '../failure-messages.ts';
import { type FailedReply, isRefused, type Reply } from '../send-account-request.ts';

export interface ChangeDependencies {
  sendChange<Body>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Reply<Body>>;
  /** Loads the overview again. */
  reload: () => Promise<unknown>;
  /**
   * Shows that an action has failed, unless the person has canceled it. If the session has ended, shows that
   * instead.
   */
  fail: (reply: FailedReply, consequence: string, tryAgain: () => Promise<void>) => Promise<void>;
}

export type AuthenticatorActions = ReturnType<typeof createAuthenticatorActions>;

const EXPIRED = toFormFailure(
  'This key has expired, or the app has already been added. Cancel to see which.',
);
const MAYBE_ADDED = 'The app may already have been added. If so, make new recovery codes.';

export function createAuthenticatorActions({ sendChange, reload, fail }: ChangeDependencies) {
  /** "Try again" where sending the request again would return what no part of the page shows. */
  const loadAgain = async () => void (await reload());

  /** @returns null if it failed, which is shown */
  async function prepareAuthenticator(): Promise<NewAuthenticator | null> {
    const reply = await sendChange<NewAuthenticator>('POST', ACCOUNT_PATHS.authenticator, {});
    if (reply.status === 'ok') return reply.body;
    await fail(reply, 'Nothing has changed.', loadAgain);
    return null;
  }

  /** @returns the recovery codes, or why the code wasn't accepted */
  async function confirmAuthenticator(code: string): Promise<NewRecoveryCodes | FormFailure> {
    const reply = await sendChange<NewRecoveryCodes>('PUT', ACCOUNT_PATHS.authenticator, { code });
    if (!isRefused(reply, 'invalid-code')) await reload();
    if (reply.status === 'ok') return reply.body;
    if (isRefused(reply, 'not-found')) return EXPIRED;
    return failureOf(reply, { ifUnanswered: MAYBE_ADDED });
  }

  /** @returns whether it is removed; if not, that is shown */
  async function removeAuthenticator(): Promise<boolean> {
    const reply = await sendChange('DELETE', ACCOUNT_PATHS.authenticator);
    if (reply.status === 'ok' || isRefused(reply, 'not-found')) {
      await reload();
      return true;
    }
    const tryAgain = async () => void (await removeAuthenticator());
    await fail(reply, 'Sign-ins may still need a code.', tryAgain);
    return false;
  }

  /** @returns null if it failed, which is shown */
  async function replaceRecoveryCodes(): Promise<NewRecoveryCodes | null> {
    const reply = await sendChange<NewRecoveryCodes>('POST', ACCOUNT_PATHS.recoveryCodes, {});
    if (reply.status === 'ok' || isRefused(reply, 'not-found')) await reload();
    if (reply.status === 'ok') return reply.body;
    await fail(reply, 'Your earlier codes may no longer work.', loadAgain);
    return null;
  }

  return { prepareAuthenticator, confirmAuthenticator, removeAuthenticator, replaceRecoveryCodes };
}
