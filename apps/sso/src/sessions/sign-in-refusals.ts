/** Why a sign-in is refused although its proof was right, for the log and the audit trail. */
import type { StartRefusal } from '../storage/stores.ts';

/** The session to be renewed may belong to another account than the proof. */
export type SignInRefusal = StartRefusal | 'another account';

export const REFUSAL_DETAILS: Readonly<Record<SignInRefusal, string>> = {
  'account changed': 'the account changed meanwhile',
  'code used': 'the code was used or replaced meanwhile',
  'challenge spent': 'the challenge has been used',
  'counter not higher': 'the counter of the passkey did not rise',
  'another account': 'the session belongs to another account',
};
