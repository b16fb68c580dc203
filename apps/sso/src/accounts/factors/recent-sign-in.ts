/**
 * Changes of how a person signs in need a recent sign-in with the strongest factor that the account has.
 * A browser that was left signed in isn't enough, and neither is the stolen password of an account with a
 * second factor (OWASP ASVS 5, 7.5).
 */
import type { UsedSession } from '../../sessions/sso-sessions.ts';
import { requireStrongSession } from '../../storage/own-session.ts';
import type { FactorStore, OwnSession } from '../../storage/stores.ts';

const RECENT_SIGN_IN_MS = 10 * 60 * 1000;

export interface RecentSignInDependencies {
  factors: FactorStore;
  clock: () => number;
}

/**
 * Refuses a request early, before a password is hashed or an authenticator asked. Another instance may change
 * the account right afterwards, so the stores of factors and passwords check the returned session again, in
 * the change's transaction.
 *
 * @throws {HttpProblem} `reauthentication-required`, with the factor that is needed
 */
export async function requireRecentSignIn(
  { factors, clock }: RecentSignInDependencies,
  session: UsedSession,
): Promise<OwnSession> {
  const { account, sid, tokenHash, authenticatedAt } = session;
  const now = clock();
  const authenticatedSince = now - RECENT_SIGN_IN_MS;
  const found = await factors.of(account.id);
  // The clock may have been set back since the sign-in, or be another instance's.
  const isInFuture = authenticatedAt > now + RECENT_SIGN_IN_MS;
  requireStrongSession(isInFuture ? { ...session, authenticatedAt: 0 } : session, found, authenticatedSince);
  return { accountId: account.id, sid, tokenHash, authenticatedSince };
}
