/**
 * Checks the session in which a person changes how they sign in, within the transaction of the change, in
 * SQLite.
 */
import type { SqliteDatabase } from '@samesite-sso/core';
import { requireStrongSession } from '../own-session.ts';
import { readAmr } from '../sign-in-proofs.ts';
import type { AccountFactors, OwnSession } from '../stores.ts';

/** @returns a function that reads the factors of an account */
export function prepareFindFactors({ sqlite }: SqliteDatabase) {
  const count = sqlite.prepare<
    { accountId: string },
    { passkeyCount: number; hasAuthenticator: 0 | 1; recoveryCodeCount: number }
  >(
    `SELECT (SELECT count(*) FROM passkey WHERE account_id = :accountId) AS passkeyCount,
       EXISTS (SELECT 1 FROM authenticator WHERE account_id = :accountId) AS hasAuthenticator,
       (SELECT count(*) FROM recovery_code WHERE account_id = :accountId) AS recoveryCodeCount`,
  );
  return (accountId: string): AccountFactors => {
    const counts = count.get({ accountId });
    return {
      passkeyCount: counts?.passkeyCount ?? 0,
      hasAuthenticator: counts?.hasAuthenticator === 1,
      recoveryCodeCount: counts?.recoveryCodeCount ?? 0,
    };
  };
}

/**
 * @returns a function for the caller's transaction, which returns the account's factors, or throws
 *   `reauthentication-required` if the session may not change them
 */
export function prepareRequireOwnSession(database: SqliteDatabase) {
  const findFactors = prepareFindFactors(database);
  const find = database.sqlite.prepare<OwnSession, { authenticatedAt: number; amr: string }>(
    `SELECT authenticated_at AS authenticatedAt, amr FROM sso_session
     WHERE sid = :sid AND account_id = :accountId AND secret_hash = :tokenHash`,
  );
  return (own: OwnSession): AccountFactors => {
    const factors = findFactors(own.accountId);
    const session = find.get(own);
    const found = session && { ...session, amr: readAmr(session.amr) };
    requireStrongSession(found, factors, own.authenticatedSince);
    return factors;
  };
}
