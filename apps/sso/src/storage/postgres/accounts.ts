/**
 * `AccountStore` in PostgreSQL. Each change first locks the account's row, and so does the start of a session
 * (`sign-ins.ts`). The second of the two therefore sees what the first has committed.
 */
import { isStorableText, type PostgresDatabase, type Transaction, toStatement } from '@samesite-sso/core';
import type { AccountStore, AuditContext, Credentials, StoredAccount } from '../stores.ts';
import { addAccounts } from './added-accounts.ts';
import type { AuditTrail } from './audit.ts';
import { requireOwnSession } from './own-session.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';
import { endChosen, endLocked, runAll } from './session-ending.ts';

const ACCOUNT = 'id, username, display_name AS "displayName"';
export const STORED_ACCOUNT = `${ACCOUNT}, created_at AS "createdAt", disabled_at AS "disabledAt"`;
/** A row of a list by username. */
export type AccountRow = StoredAccount & { usernameKey: string };

const findCredentials = `SELECT ${ACCOUNT}, password_hash AS "passwordHash", is_imported AS "isImported",
    password_version AS "passwordVersion", disabled_at IS NOT NULL AS "isDisabled"
  FROM account WHERE username_key = $1`;
const findByKey = `SELECT ${STORED_ACCOUNT} FROM account WHERE username_key = $1`;
const findById = `SELECT ${STORED_ACCOUNT} FROM account WHERE id = $1`;
const findPage = `SELECT ${STORED_ACCOUNT}, username_key AS "usernameKey" FROM account WHERE username_key > $1
  ORDER BY username_key LIMIT ${PAGE_ROWS}`;

const lock = 'SELECT FROM account WHERE id = $1 FOR UPDATE';
const findOtherHolder = toStatement<{ usernameKey: string; id: string }>(
  'SELECT FROM account WHERE username_key = :usernameKey AND id <> :id',
);
const rename = toStatement<Parameters<AccountStore['rename']>[0]>(
  `UPDATE account SET username = :username, username_key = :usernameKey, display_name = :displayName
   WHERE id = :id`,
);
const rehash = toStatement<{ accountId: string; oldHash: string; newHash: string }>(
  `UPDATE account SET password_hash = :newHash, is_imported = FALSE
   WHERE id = :accountId AND password_hash = :oldHash`,
);
const lockPassword = toStatement<{ accountId: string; passwordVersion: number | null }>(
  `SELECT FROM account
   WHERE id = :accountId AND (:passwordVersion::bigint IS NULL OR password_version = :passwordVersion)
   FOR NO KEY UPDATE`,
);
export const setPassword = toStatement<{ accountId: string; passwordHash: string }>(
  `UPDATE account
   SET password_hash = :passwordHash, is_imported = FALSE, password_version = password_version + 1
   WHERE id = :accountId`,
);
const renewToken = toStatement<{ sid: string; tokenHash: Buffer }>(
  'UPDATE sso_session SET token_hash = :tokenHash, replaced_token_hash = token_hash WHERE sid = :sid',
);
const disable = toStatement<{ accountId: string; at: number }>(
  'UPDATE account SET disabled_at = :at WHERE id = :accountId AND disabled_at IS NULL',
);
const enable = toStatement<AuditContext & { accountId: string }>(
  `WITH enabled AS (
     UPDATE account SET disabled_at = NULL WHERE id = :accountId AND disabled_at IS NOT NULL
     RETURNING id, username
   )
   INSERT INTO audit_record (at, kind, act_by, address, account_id, username)
   SELECT :at::bigint, 'account enabled', :actor, :address, id, username FROM enabled`,
);
const removeInvitation = 'DELETE FROM invitation WHERE account_id = $1';
const remove = 'DELETE FROM account WHERE id = $1';

/** The name of the constraint in `schema.ts`. */
const ONE_ACCOUNT_PER_USERNAME = 'account_username_key';

/** @param isServing whether requests wait for this process. Ending a thousand sessions takes longer. */
export function postgresAccounts(
  database: PostgresDatabase,
  audit: AuditTrail,
  isServing: boolean,
): AccountStore {
  const transactOnAll = <Value>(work: (transaction: Transaction) => Promise<Value>) =>
    database.transact(work, { isBulk: !isServing });
  const findOne = async <Row>(statement: string, text: string): Promise<Row | null> => {
    if (!isStorableText(text)) return null;
    return (await database.query<Row>(statement, [text])).rows[0] ?? null;
  };

  return {
    add: (accounts, context) => addAccounts(database, accounts, context),
    findCredentials: async (usernameKey) => {
      type Row = Credentials['account'] & Omit<Credentials, 'account'>;
      const row = await findOne<Row>(findCredentials, usernameKey);
      if (row === null) return null;
      const { id, username, displayName, ...credentials } = row;
      return { account: { id, username, displayName }, ...credentials };
    },
    find: (usernameKey) => findOne<StoredAccount>(findByKey, usernameKey),
    findById: (accountId) => findOne<StoredAccount>(findById, accountId),
    async *pages() {
      const find = (last?: AccountRow) => database.query<AccountRow>(findPage, [last?.usernameKey ?? '']);
      for await (const page of readPages(find)) {
        yield page.map(({ usernameKey: _, ...account }) => account);
      }
    },
    rename: async (account, context) => {
      try {
        return await database.transact(async (transaction) => {
          if ((await transaction.query(lock, [account.id])).count === 0) return 'gone';
          if ((await transaction.query(...findOtherHolder(account))).count > 0) return 'taken';
          const detail = `to ${account.username} (${account.displayName})`;
          await audit.append(
            transaction,
            { kind: 'account renamed', accountId: account.id, detail },
            context,
          );
          await transaction.query(...rename(account));
          return null;
        });
      } catch (error) {
        if (isViolated(error, ONE_ACCOUNT_PER_USERNAME)) return 'taken'; // Another account was faster.
        throw error;
      }
    },
    rehash: async (accountId, oldHash, newHash) => {
      await database.write(...rehash({ accountId, oldHash, newHash }));
    },
    setPassword: (accountId, passwordHash, { passwordVersion = null, own }, context) =>
      transactOnAll(async (transaction) => {
        const { count } = await transaction.query(...lockPassword({ accountId, passwordVersion }));
        if (count === 0) return null;
        if (own !== undefined) await requireOwnSession(transaction, own, () => 'password changed');
        await transaction.query(...setPassword({ accountId, passwordHash }));
        await audit.append(transaction, { kind: 'password changed', accountId }, context);
        if (own === undefined) {
          await transaction.query(removeInvitation, [accountId]);
          return await runAll(transaction, endChosen({ accountId }, 'password changed', context));
        }
        await transaction.query(...renewToken({ sid: own.sid, tokenHash: own.newTokenHash }));
        return await runAll(transaction, endLocked(context));
      }),
    disable: (accountId, context) =>
      transactOnAll(async (transaction) => {
        const { count } = await transaction.query(...disable({ accountId, at: context.at }));
        if (count === 0) return null;
        await audit.append(transaction, { kind: 'account disabled', accountId }, context);
        await transaction.query(removeInvitation, [accountId]);
        return await runAll(transaction, endChosen({ accountId }, 'account disabled', context));
      }),
    enable: async (accountId, context) => {
      const { count } = await database.write(...enable({ accountId, ...context }));
      return count > 0;
    },
    remove: (accountId, context) =>
      transactOnAll(async (transaction) => {
        if ((await transaction.query(lock, [accountId])).count === 0) return null;
        await audit.append(transaction, { kind: 'account removed', accountId }, context);
        const ended = await runAll(transaction, endChosen({ accountId }, 'account removed', context));
        await transaction.query(remove, [accountId]);
        return ended;
      }),
  };
}

/** Whether a statement failed because of this constraint, as pg reports it. */
function isViolated(error: unknown, name: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === name;
}
