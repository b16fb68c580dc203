/** What both backends store about the proof of a sign-in. */
import type { AuthenticationMethods } from '@samesite-sso/protocol';
import type { SignInProof } from './stores.ts';

const METHODS: Readonly<Record<SignInProof['kind'], AuthenticationMethods>> = {
  password: ['pwd'],
  authenticator: ['pwd', 'otp', 'mfa'],
  // RFC 8176 has no value for a recovery code. It stands for the authenticator app.
  'recovery code': ['pwd', 'otp', 'mfa'],
  passkey: ['pop', 'user', 'mfa'],
};

/** The stored `amr` of a session that starts with an invitation: the person has just set the password. */
export const INVITED_AMR = METHODS.password.join(' ');

/** A pattern in SQL: the stored `amr` of every sign-in with two factors, and of no other. */
export const TWO_FACTOR_AMR = "'% mfa'";

/**
 * In SQL, with `session_app` and `sso_session`: the weakest `amr` of the app sessions that the app may have.
 * The SSO session's own `amr` doesn't say it: the person may have signed in again elsewhere.
 */
export const AMR_OF_ACCESS = `CASE WHEN has_redeemed THEN coalesce(weakest_amr, '${INVITED_AMR}')
  ELSE sso_session.amr END`;

const METHODS_BY_STORED = new Map(Object.values(METHODS).map((methods) => [methods.join(' '), methods]));

/** What the audit trail says that somebody signed in with. The name of the passkey follows. */
export const FACTOR_DETAILS: Readonly<Record<SignInProof['kind'], string>> = {
  password: 'with a password',
  authenticator: 'with a password and a code',
  'recovery code': 'with a password and a recovery code',
  passkey: 'with a passkey',
};

/** @returns the methods (RFC 8176) of a sign-in, in the form in which they are stored */
export function toStoredAmr({ kind }: SignInProof): string {
  return METHODS[kind].join(' ');
}

export function readAmr(stored: string): AuthenticationMethods {
  const methods = METHODS_BY_STORED.get(stored);
  if (methods === undefined) throw new Error(`a session has the unknown methods ${JSON.stringify(stored)}`);
  return methods;
}
