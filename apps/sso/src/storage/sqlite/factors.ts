/** `FactorStore` in SQLite. `consume-proof.ts` consumes the codes. */
import type { SqliteDatabase } from '@samesite-sso/core';
import { endReasonForAuthenticator } from '../own-session.ts';
import type { Authenticator, FactorChange, FactorStore, SealedSecret } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { prepareRecordChange, prepareRemoveAuthenticator, REMOVE_CODES } from './factor-changes.ts';
import { prepareFindFactors, prepareRequireOwnSession } from './own-session.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';
import type { SessionEnding } from './session-ending.ts';
import { prepareWrite } from './write.ts';

/** Sorts before every secret. */
const FIRST_SECRET: SealedSecret = { accountId: '', sealedSecret: '' };

export function sqliteFactors(
  database: SqliteDatabase,
  audit: AuditTrail,
  ending: SessionEnding,
): FactorStore {
  const { sqlite } = database;
  const findFactors = prepareFindFactors(database);
  const find = sqlite.prepare<[string], Authenticator>(
    `SELECT sealed_secret AS sealedSecret, last_step AS lastStep FROM authenticator WHERE account_id = ?`,
  );
  const findCode = sqlite.prepare('SELECT 1 FROM recovery_code WHERE account_id = ? AND hash = ?');
  const findPending = sqlite.prepare<[string, number], { sealedSecret: string }>(
    `SELECT sealed_secret AS sealedSecret FROM pending_authenticator WHERE sid = ? AND expires_at > ?`,
  );
  const prepare = sqlite.prepare(
    `INSERT OR REPLACE INTO pending_authenticator (sid, account_id, sealed_secret, expires_at)
     VALUES (:sid, :accountId, :sealedSecret, :expiresAt)`,
  );
  const takePending = sqlite.prepare(
    `DELETE FROM pending_authenticator
     WHERE sid = :sid AND sealed_secret = :sealedSecret AND expires_at > :at`,
  );
  const insert = sqlite.prepare(
    `INSERT OR REPLACE INTO authenticator (account_id, sealed_secret, last_step)
     VALUES (:accountId, :sealedSecret, :lastStep)`,
  );
  const removeCodes = sqlite.prepare(REMOVE_CODES);
  const insertCode = sqlite.prepare('INSERT INTO recovery_code (account_id, hash) VALUES (?, ?)');
  const findChanges = sqlite.prepare<[string, number], FactorChange>(
    `SELECT kind, detail, at FROM factor_change WHERE account_id = ? AND at >= ? ORDER BY at DESC, id DESC`,
  );
  const findSecrets = sqlite.prepare<SealedSecret, SealedSecret>(
    `SELECT account_id AS accountId, sealed_secret AS sealedSecret
     FROM (SELECT account_id, sealed_secret FROM authenticator
       UNION ALL SELECT account_id, sealed_secret FROM pending_authenticator)
     WHERE (account_id, sealed_secret) > (:accountId, :sealedSecret)
     ORDER BY account_id, sealed_secret LIMIT ${PAGE_ROWS}`,
  );
  const replace = ['authenticator', 'pending_authenticator'].map((table) =>
    sqlite.prepare(
      `UPDATE ${table} SET sealed_secret = :replacement
       WHERE account_id = :accountId AND sealed_secret = :sealedSecret`,
    ),
  );
  const recordChange = prepareRecordChange(database, audit);
  const removeAuthenticator = prepareRemoveAuthenticator(database, audit);
  const requireOwnSession = prepareRequireOwnSession(database);

  const replaceCodes = (accountId: string, hashes: readonly Buffer[]) => {
    removeCodes.run(accountId);
    for (const hash of hashes) insertCode.run(accountId, hash);
  };

  return {
    of: (accountId) => database.run(() => findFactors(accountId)),
    findAuthenticator: (accountId) => database.run(() => find.get(accountId) ?? null),
    hasRecoveryCode: (accountId, hash) => database.run(() => findCode.get(accountId, hash) !== undefined),
    findPendingAuthenticator: (sid, now) => database.run(() => findPending.get(sid, now) ?? null),
    prepareAuthenticator: prepareWrite(database, (own, sealedSecret, expiresAt) => {
      requireOwnSession(own);
      const { sid, accountId } = own;
      prepare.run({ sid, accountId, sealedSecret, expiresAt });
    }),
    confirmAuthenticator: prepareWrite(database, (own, pending, hashes, context) => {
      const reason = endReasonForAuthenticator(requireOwnSession(own));
      const { accountId, sid } = own;
      const { sealedSecret, lastStep } = pending;
      if (takePending.run({ sid, sealedSecret, at: context.at }).changes === 0) return false;
      insert.run({ accountId, sealedSecret, lastStep });
      replaceCodes(accountId, hashes);
      recordChange(accountId, { kind: 'authenticator added', detail: null }, context);
      if (reason !== null) ending.end({ accountId, exceptSid: sid }, reason, context);
      return true;
    }),
    removeAuthenticator: prepareWrite(database, (own, context) => {
      if (!requireOwnSession(own).hasAuthenticator) return false;
      const { accountId, sid } = own;
      removeAuthenticator(accountId, context);
      ending.end({ accountId, exceptSid: sid }, 'second factor removed', context);
      return true;
    }),
    replaceRecoveryCodes: prepareWrite(database, (own, hashes, context) => {
      if (!requireOwnSession(own).hasAuthenticator) return false;
      const { accountId, sid } = own;
      replaceCodes(accountId, hashes);
      recordChange(accountId, { kind: 'recovery codes replaced', detail: null }, context);
      ending.end({ accountId, exceptSid: sid }, 'recovery codes replaced', context);
      return true;
    }),
    changesSince: (...choice) => database.run(() => findChanges.all(...choice)),
    sealedSecrets: () => readPages(database, (last = FIRST_SECRET) => findSecrets.all(last)),
    replaceSecret: prepareWrite(database, (secret, replacement) => {
      for (const statement of replace) statement.run({ ...secret, replacement });
    }),
  };
}
