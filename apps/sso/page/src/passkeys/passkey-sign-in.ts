/** Signs in on this page with a passkey, or again: on click, or from the username's autofill. */
import { autofillPasskeys, type PasskeyRequests, signInWithPasskey } from '@samesite-sso/browser/passkeys';
import type { PasskeyChallengeResponse } from '@samesite-sso/protocol';
import { type FormFailure, type PasskeySignIn, toFormFailure } from '@samesite-sso/ui';
import { ACCOUNT_PATHS } from '../../../src/account-page/paths.ts';
import { failureOf } from '../failure-messages.ts';
import { type Reply, sendAccountRequest } from '../send-account-request.ts';

type Result = FormFailure | null;

/** What to do without a passkey: only a sign-in accepts a password instead. */
const NOT_USED = {
  'sign-in': {
    'passkey-canceled': toFormFailure('No passkey was used. Try again, or sign in with your password.'),
    'passkey-unavailable': toFormFailure('This browser can’t use passkeys here. Sign in with your password.'),
  },
  reauthentication: {
    'passkey-canceled': toFormFailure('No passkey was used. Try again.'),
    'passkey-unavailable': toFormFailure('This browser can’t use passkeys here. Use another browser.'),
  },
};

/**
 * @param kind whether the person signs in, or confirms that it's them
 * @param send sends the passkey's assertion, and notifies other tabs
 * @param finish follows a sign-in. @returns why the account can't be shown
 */
export function createPasskeySignIn(
  kind: keyof typeof NOT_USED,
  send: (body: object) => Promise<Reply<unknown>>,
  finish: () => Promise<Result>,
): PasskeySignIn {
  const requests: PasskeyRequests<Result> = {
    async fetchOptions() {
      const purpose = 'authentication';
      const path = ACCOUNT_PATHS.passkeyChallenge;
      const reply = await sendAccountRequest<PasskeyChallengeResponse>('POST', path, { purpose });
      return reply.status === 'ok' ? { options: reply.body.publicKey } : { failure: failureOf(reply) };
    },
    async signIn(credential) {
      const reply = await send({ credential });
      if (reply.status === 'ok') return { result: await finish(), isSignedIn: true, isUnknown: false };
      const isUnknown = reply.status === 'refused' && reply.problem.unknown === true;
      return { result: failureOf(reply), isSignedIn: false, isUnknown };
    },
  };
  return {
    async signIn(signal) {
      const result = await signInWithPasskey(requests, signal);
      return result !== null && 'status' in result ? NOT_USED[kind][result.status] : result;
    },
    autofill: (onResult) => autofillPasskeys(requests, onResult),
  };
}
