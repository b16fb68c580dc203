/**
 * Step 5 of 5 with a passkey, at an app's page. `sign-in.ts` loads this module when it is first needed. The
 * request for the challenge isn't reported, since the autofill sends one whenever the form is shown. Its
 * failures count as step 5.
 */
import type { Account, PasskeyChallengeResponse, SignedIn } from '@samesite-sso/protocol';
import type { Outcome } from './outcome.ts';
import { autofillPasskeys, type PasskeyRequests, signInWithPasskey } from './passkeys.ts';
import { isSignedIn, type Requests } from './requests.ts';
import { FlowError, type Guard } from './send-request.ts';
import { endSessionsOfAnotherAccount } from './sign-out.ts';

/** Runs a flow from step 5 on. */
export type SignIn = (startSsoSession: () => Promise<SignedIn>) => Promise<Outcome>;

export interface PasskeySignInOptions {
  /** Ends the browser's dialog. */
  signal?: AbortSignal | undefined;
  /** The account that steps up: a passkey of another one is refused. */
  expected?: Account | undefined;
}

export const signInWithAppPasskey = (
  requests: Requests,
  signIn: SignIn,
  { signal, expected }: PasskeySignInOptions,
) => signInWithPasskey(toPasskeyRequests(requests, signIn, expected), signal);

export const autofillAppPasskeys = (
  requests: Requests,
  signIn: SignIn,
  onOutcome: (outcome: Outcome) => void,
) => autofillPasskeys(toPasskeyRequests(requests, signIn), onOutcome);

function toPasskeyRequests(requests: Requests, signIn: SignIn, expected?: Account): PasskeyRequests<Outcome> {
  const { sendToSso } = requests;
  return {
    async fetchOptions() {
      try {
        const { publicKey } = await sendToSso(CHALLENGE, () => {});
        return { options: publicKey };
      } catch (error) {
        if (error instanceof FlowError) return { failure: error.outcome };
        throw error;
      }
    },
    async signIn(credential) {
      const body = { request: 'passkey login', credential } as const;
      const label = () => 'SSO session started with a passkey';
      const result = await signIn(async () => {
        const signedIn = await sendToSso({ step: 5, body, isValid: isSignedIn, label });
        if (expected === undefined || signedIn.account.id === expected.id) return signedIn;
        // Another page of the site can place a passkey of its author's account on this device, under the
        // person's own name. What the person does next would happen in that account.
        await endSessionsOfAnotherAccount(requests);
        throw new FlowError({ status: 'another-account' });
      });
      return {
        result,
        isSignedIn: result.status === 'signed-in',
        isUnknown: result.status === 'invalid-passkey' && result.unknown === true,
      };
    },
  };
}

const isChallenge: Guard<PasskeyChallengeResponse> = (body): body is PasskeyChallengeResponse =>
  typeof body?.publicKey?.challenge === 'string' &&
  typeof body.publicKey.rpId === 'string' &&
  typeof body.publicKey.timeout === 'number';

const CHALLENGE = {
  step: 5,
  body: { request: 'passkey challenge' },
  isValid: isChallenge,
  label: () => 'challenge received',
} as const;
