/**
 * Checks the session in which a person changes how they sign in, within the transaction of the change, in
 * PostgreSQL.
 */
import { type Transaction, toStatement } from '@samesite-sso/core';
import type { EndReason } from '../audit-store.ts';
import { requireStrongSession } from '../own-session.ts';
import { readAmr } from '../sign-in-proofs.ts';
import type { AccountFactors, OwnSession } from '../stores.ts';
import { lockAccount } from './lock-account.ts';
import { lockAllButKept } from './session-ending.ts';
import { AUTHENTICATED_AT } from './sessions.ts';

export const countFactors = `
  SELECT (SELECT count(*) FROM passkey WHERE account_id = $1) AS "passkeyCount",
    EXISTS (SELECT FROM authenticator WHERE account_id = $1) AS "hasAuthenticator",
    (SELECT count(*) FROM recovery_code WHERE account_id = $1) AS "recoveryCodeCount"`;
const find = toStatement<OwnSession>(
  `SELECT ${AUTHENTICATED_AT} AS "authenticatedAt", amr FROM sso_session
   WHERE sid = :sid AND account_id = :accountId AND token_hash = :tokenHash`,
);
const lockSession = toStatement<Pick<OwnSession, 'sid' | 'accountId'>>(
  'SELECT FROM sso_session WHERE sid = :sid AND account_id = :accountId FOR KEY SHARE',
);

/**
 * Locks the account, then checks the session. Renewals of the session and changes of the account's factors
 * also lock the account first, so both stay as they are until the caller's transaction ends.
 *
 * @param toEndReason why the change ends all other sessions of the account, or null. They are then locked for
 *   `endLocked`; all at once, since their order prevents deadlocks.
 * @throws {HttpProblem} `reauthentication-required` if the session may not change the factors
 */
export async function requireOwnSession(
  transaction: Transaction,
  own: OwnSession,
  toEndReason: (factors: AccountFactors) => EndReason | null,
): Promise<AccountFactors> {
  const { accountId, sid, authenticatedSince } = own;
  // A statement each, so that those after the lock see what was committed while it was waited for.
  const [, counted, found] = await Promise.all([
    transaction.query(lockAccount, [accountId]),
    transaction.query<AccountFactors>(countFactors, [accountId]),
    transaction.query<{ authenticatedAt: number; amr: string }>(...find(own)),
  ]);
  const factors = counted.rows[0] as AccountFactors;
  const [session] = found.rows;
  const signedIn = session && { ...session, amr: readAmr(session.amr) };
  requireStrongSession(signedIn, factors, authenticatedSince);
  const reason = toEndReason(factors);
  const isActive =
    reason === null
      ? (await transaction.query(...lockSession(own))).count > 0
      : await lockAllButKept(transaction, accountId, sid, reason);
  // A sign-out takes no lock of the account.
  if (!isActive) requireStrongSession(undefined, factors, authenticatedSince);
  return factors;
}
