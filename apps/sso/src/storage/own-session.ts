/**
 * Whether a session may change how its person signs in. The request's check isn't enough: before the change,
 * another instance may end the session or add a stronger factor. So each change checks it again, in its own
 * transaction.
 */
import { HttpProblem } from '@samesite-sso/core';
import type { AuthenticationMethods, Factor } from '@samesite-sso/protocol';
import type { AccountFactors, EndReason, SsoSession } from './stores.ts';

type SignedInSession = Pick<SsoSession, 'authenticatedAt' | 'amr'>;

/** From the weakest to the strongest. */
const FACTORS_BY_STRENGTH: readonly Factor[] = ['password', 'code', 'passkey'];

/**
 * @param session what the store knows of the session; undefined if it has ended or has another token
 * @throws {HttpProblem} `reauthentication-required`, with the strongest factor of the account, unless the
 *   session's latest sign-in is recent and used that factor
 */
export function requireStrongSession(
  session: SignedInSession | undefined,
  factors: AccountFactors,
  authenticatedSince: number,
): void {
  const needed = strongestOf(factors);
  const logReason = findWeakness(session, needed, authenticatedSince);
  if (logReason === null) return;
  throw new HttpProblem('reauthentication-required', { logReason, members: { methods: [needed] } });
}

function findWeakness(
  session: SignedInSession | undefined,
  needed: Factor,
  authenticatedSince: number,
): string | null {
  if (session === undefined) return 'the session has ended or was renewed';
  if (session.authenticatedAt < authenticatedSince) return 'signed in too long ago';
  const strength = FACTORS_BY_STRENGTH.indexOf(factorOf(session.amr));
  return strength < FACTORS_BY_STRENGTH.indexOf(needed) ? 'signed in with a weaker factor' : null;
}

function strongestOf({ passkeyCount, hasAuthenticator }: AccountFactors): Factor {
  if (passkeyCount > 0) return 'passkey';
  return hasAuthenticator ? 'code' : 'password';
}

/** The strongest factor of a sign-in. */
function factorOf([first, second]: AuthenticationMethods): Factor {
  if (first === 'pop') return 'passkey';
  return second === 'otp' ? 'code' : 'password';
}

/** @returns why adding a passkey ends the other sessions: it is the first second factor; otherwise null */
export function endReasonForPasskey({ passkeyCount, hasAuthenticator }: AccountFactors): EndReason | null {
  return passkeyCount > 0 || hasAuthenticator ? null : 'second factor added';
}

/** The same for an authenticator app, which also ends them if it replaces another one. */
export function endReasonForAuthenticator(factors: AccountFactors): EndReason | null {
  return factors.hasAuthenticator ? 'second factor removed' : endReasonForPasskey(factors);
}
