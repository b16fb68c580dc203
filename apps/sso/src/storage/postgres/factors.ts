/**
 * `FactorStore` in PostgreSQL. `consume-proof.ts` consumes the codes. Each change first locks the account,
 * and so does the start of a session: the second of the two sees what the first has committed.
 */
import { type PostgresDatabase, type Transaction, toStatement } from '@samesite-sso/core';
import { endReasonForAuthenticator } from '../own-session.ts';
import type {
  AccountFactors,
  AuditContext,
  Authenticator,
  FactorChange,
  FactorStore,
  SealedSecret,
} from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { recordChange, removeAuthenticator, removeCodes } from './factor-changes.ts';
import { countFactors, requireOwnSession } from './own-session.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';
import { endLocked, runAll } from './session-ending.ts';

const find = `SELECT sealed_secret AS "sealedSecret", last_step AS "lastStep" FROM authenticator
  WHERE account_id = $1`;
const findCode = 'SELECT FROM recovery_code WHERE account_id = $1 AND hash = $2';
const findPending = `SELECT sealed_secret AS "sealedSecret" FROM pending_authenticator
  WHERE sid = $1 AND expires_at > $2`;
const prepare = toStatement<SealedSecret & { sid: string; expiresAt: number }>(
  `INSERT INTO pending_authenticator (sid, account_id, sealed_secret, expires_at)
   VALUES (:sid, :accountId, :sealedSecret, :expiresAt)
   ON CONFLICT (sid) DO UPDATE
   SET sealed_secret = excluded.sealed_secret, expires_at = excluded.expires_at`,
);
const takePending = toStatement<{ sid: string; sealedSecret: string; at: number }>(
  `DELETE FROM pending_authenticator
   WHERE sid = :sid AND sealed_secret = :sealedSecret AND expires_at > :at`,
);
const insert = toStatement<SealedSecret & { lastStep: number }>(
  `INSERT INTO authenticator (account_id, sealed_secret, last_step)
   VALUES (:accountId, :sealedSecret, :lastStep)
   ON CONFLICT (account_id) DO UPDATE
   SET sealed_secret = excluded.sealed_secret, last_step = excluded.last_step`,
);
const insertCodes = toStatement<{ accountId: string; hashes: readonly Buffer[] }>(
  'INSERT INTO recovery_code (account_id, hash) SELECT :accountId, unnest(:hashes::bytea[])',
);
const findChanges = toStatement<{ accountId: string; since: number }>(
  `SELECT kind, detail, at FROM factor_change WHERE account_id = :accountId AND at >= :since
   ORDER BY at DESC, id DESC`,
);
/** Sorts before every secret. */
const FIRST_SECRET: SealedSecret = { accountId: '', sealedSecret: '' };
const findSecrets = toStatement<SealedSecret>(
  `SELECT account_id AS "accountId", sealed_secret AS "sealedSecret"
   FROM (SELECT account_id, sealed_secret FROM authenticator
     UNION ALL SELECT account_id, sealed_secret FROM pending_authenticator) AS secret
   WHERE (account_id, sealed_secret) > (:accountId, :sealedSecret)
   ORDER BY account_id, sealed_secret LIMIT ${PAGE_ROWS}`,
);
const replaceIn = (table: string) =>
  toStatement<SealedSecret & { replacement: string }>(
    `UPDATE ${table} SET sealed_secret = :replacement
     WHERE account_id = :accountId AND sealed_secret = :sealedSecret`,
  );
const replaceConfirmed = replaceIn('authenticator');
const replacePending = replaceIn('pending_authenticator');

export function postgresFactors(database: PostgresDatabase, audit: AuditTrail): FactorStore {
  const record = (
    transaction: Transaction,
    accountId: string,
    kind: FactorChange['kind'],
    context: AuditContext,
  ) => recordChange(transaction, audit, { accountId, kind, detail: null }, context);
  const replaceCodes = async (transaction: Transaction, accountId: string, hashes: readonly Buffer[]) => {
    await transaction.query(removeCodes, [accountId]);
    await transaction.query(...insertCodes({ accountId, hashes }));
  };

  return {
    of: async (accountId) => {
      const { rows } = await database.query<AccountFactors>(countFactors, [accountId]);
      return rows[0] ?? { passkeyCount: 0, hasAuthenticator: false, recoveryCodeCount: 0 };
    },
    findAuthenticator: async (accountId) =>
      (await database.query<Authenticator>(find, [accountId])).rows[0] ?? null,
    hasRecoveryCode: async (accountId, hash) => (await database.query(findCode, [accountId, hash])).count > 0,
    findPendingAuthenticator: async (sid, now) => {
      const { rows } = await database.query<{ sealedSecret: string }>(findPending, [sid, now]);
      return rows[0] ?? null;
    },
    prepareAuthenticator: (own, sealedSecret, expiresAt) =>
      database.transact(async (transaction) => {
        await requireOwnSession(transaction, own, () => null);
        const { sid, accountId } = own;
        await transaction.query(...prepare({ sid, accountId, sealedSecret, expiresAt }));
      }),
    confirmAuthenticator: (own, { sealedSecret, lastStep }, hashes, context) =>
      database.transact(async (transaction) => {
        const factors = await requireOwnSession(transaction, own, endReasonForAuthenticator);
        const { sid, accountId } = own;
        const { at } = context;
        if ((await transaction.query(...takePending({ sid, sealedSecret, at }))).count === 0) return false;
        await transaction.query(...insert({ accountId, sealedSecret, lastStep }));
        await replaceCodes(transaction, accountId, hashes);
        await record(transaction, accountId, 'authenticator added', context);
        if (endReasonForAuthenticator(factors) !== null) await runAll(transaction, endLocked(context));
        return true;
      }),
    removeAuthenticator: (own, context) =>
      database.transact(async (transaction) => {
        const factors = await requireOwnSession(transaction, own, () => 'second factor removed');
        if (!factors.hasAuthenticator) return false;
        await removeAuthenticator(transaction, audit, own.accountId, context);
        await runAll(transaction, endLocked(context));
        return true;
      }),
    replaceRecoveryCodes: (own, hashes, context) =>
      database.transact(async (transaction) => {
        const factors = await requireOwnSession(transaction, own, () => 'recovery codes replaced');
        if (!factors.hasAuthenticator) return false;
        await replaceCodes(transaction, own.accountId, hashes);
        await record(transaction, own.accountId, 'recovery codes replaced', context);
        await runAll(transaction, endLocked(context));
        return true;
      }),
    changesSince: async (accountId, since) =>
      (await database.query<FactorChange>(...findChanges({ accountId, since }))).rows,
    sealedSecrets: () =>
      readPages((last: SealedSecret = FIRST_SECRET) => database.query<SealedSecret>(...findSecrets(last))),
    replaceSecret: async (secret, replacement) => {
      const values = { ...secret, replacement };
      await database.writeAll(replaceConfirmed(values), replacePending(values));
    },
  };
}
