/** Records changes of an account's factors in SQLite, for its person and in the audit trail. */
import type { SqliteDatabase } from '@samesite-sso/core';
import { countKeptChanges } from '../factor-store.ts';
import type { AuditContext, FactorChange } from '../stores.ts';
import type { AuditTrail } from './audit.ts';

export const REMOVE_CODES = 'DELETE FROM recovery_code WHERE account_id = ?';

/** @returns a function that records a change within the caller's transaction */
export function prepareRecordChange({ sqlite }: SqliteDatabase, audit: AuditTrail) {
  const insert = sqlite.prepare(
    'INSERT INTO factor_change (account_id, kind, detail, at) VALUES (:accountId, :kind, :detail, :at)',
  );
  const removeSurplus = sqlite.prepare(
    `DELETE FROM factor_change WHERE id IN (
       SELECT id FROM factor_change WHERE account_id = :accountId AND kind = :kind
       ORDER BY id DESC LIMIT -1 OFFSET :kept)`,
  );
  return (accountId: string, { kind, detail }: Omit<FactorChange, 'at'>, context: AuditContext): void => {
    insert.run({ accountId, kind, detail, at: context.at });
    removeSurplus.run({ accountId, kind, kept: countKeptChanges(kind) });
    audit.append({ kind, accountId, ...(detail !== null && { detail }) }, context);
  };
}

/**
 * @returns a function that removes the authenticator app, a pending one, and the recovery codes within the
 *   caller's transaction
 */
export function prepareRemoveAuthenticator(database: SqliteDatabase, audit: AuditTrail) {
  const { sqlite } = database;
  const recordChange = prepareRecordChange(database, audit);
  const removeConfirmed = sqlite.prepare('DELETE FROM authenticator WHERE account_id = ?');
  const removePending = sqlite.prepare('DELETE FROM pending_authenticator WHERE account_id = ?');
  const removeCodes = sqlite.prepare(REMOVE_CODES);
  return (accountId: string, context: AuditContext): void => {
    const { changes } = removeConfirmed.run(accountId);
    removePending.run(accountId);
    removeCodes.run(accountId);
    if (changes > 0) recordChange(accountId, { kind: 'authenticator removed', detail: null }, context);
  };
}
