/** Records changes of an account's factors in PostgreSQL, for its person and in the audit trail. */
import { type Transaction, toStatement } from '@samesite-sso/core';
import { countKeptChanges } from '../factor-store.ts';
import type { AuditContext, FactorChange } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { runAll } from './session-ending.ts';

const insert = toStatement<{ accountId: string } & FactorChange>(
  'INSERT INTO factor_change (account_id, kind, detail, at) VALUES (:accountId, :kind, :detail, :at)',
);
const removeSurplus = toStatement<{ accountId: string; kind: string; kept: number }>(
  `DELETE FROM factor_change WHERE id IN (
     SELECT id FROM factor_change WHERE account_id = :accountId AND kind = :kind
     ORDER BY id DESC OFFSET :kept)`,
);

const removeConfirmed = 'DELETE FROM authenticator WHERE account_id = $1';
const removePending = 'DELETE FROM pending_authenticator WHERE account_id = $1';
export const removeCodes = 'DELETE FROM recovery_code WHERE account_id = $1';

/** Records a change within the caller's transaction. */
export async function recordChange(
  transaction: Transaction,
  audit: AuditTrail,
  { accountId, kind, detail }: { accountId: string } & Omit<FactorChange, 'at'>,
  context: AuditContext,
): Promise<void> {
  await runAll(transaction, [
    insert({ accountId, kind, detail, at: context.at }),
    removeSurplus({ accountId, kind, kept: countKeptChanges(kind) }),
  ]);
  await audit.append(transaction, { kind, accountId, ...(detail !== null && { detail }) }, context);
}

/** Removes the authenticator app, a pending one, and the recovery codes within the caller's transaction. */
export async function removeAuthenticator(
  transaction: Transaction,
  audit: AuditTrail,
  accountId: string,
  context: AuditContext,
): Promise<void> {
  const { count } = await transaction.query(removeConfirmed, [accountId]);
  await transaction.query(removePending, [accountId]);
  await transaction.query(removeCodes, [accountId]);
  if (count === 0) return;
  const change = { kind: 'authenticator removed', accountId, detail: null } as const;
  await recordChange(transaction, audit, change, context);
}
