/** `AccountStore` in SQLite. */
import { isStorableText, type SqliteDatabase } from '@samesite-sso/core';
import type { Account } from '@samesite-sso/protocol';
import type { AccountStore, StoredAccount } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { prepareRequireOwnSession } from './own-session.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';
import type { SessionEnding } from './session-ending.ts';
import { prepareWrite } from './write.ts';

interface CredentialsRow extends Account {
  passwordHash: string;
  passwordVersion: number;
  isImported: 0 | 1;
  isDisabled: 0 | 1;
}

const ACCOUNT = 'id, username, display_name AS displayName';
export const STORED_ACCOUNT = `${ACCOUNT}, created_at AS createdAt, disabled_at AS disabledAt`;
/** A row of a list by username. */
export type AccountRow = StoredAccount & { usernameKey: string };

/** @returns a statement that sets the password, if it has the given version; null is any version */
export const prepareUpdatePassword = ({ sqlite }: SqliteDatabase) =>
  sqlite.prepare<{ accountId: string; passwordHash: string; passwordVersion: number | null }>(
    `UPDATE account
     SET password_hash = :passwordHash, is_imported = 0, password_version = password_version + 1
     WHERE id = :accountId AND (:passwordVersion IS NULL OR password_version = :passwordVersion)`,
  );

export function sqliteAccounts(
  database: SqliteDatabase,
  audit: AuditTrail,
  ending: SessionEnding,
): AccountStore {
  const { sqlite } = database;
  const insert = sqlite.prepare(
    `INSERT INTO account (id, username, username_key, display_name, password_hash, is_imported, created_at)
     VALUES (:id, :username, :usernameKey, :displayName, :passwordHash, :isImported, :at)`,
  );
  const insertGroup = sqlite.prepare('INSERT INTO account_group (account_id, name) VALUES (?, ?)');
  const findHolder = sqlite
    .prepare<[string], string>('SELECT id FROM account WHERE username_key = ?')
    .pluck();
  const findCredentials = sqlite.prepare<[string], CredentialsRow>(
    `SELECT ${ACCOUNT}, password_hash AS passwordHash, password_version AS passwordVersion,
       is_imported AS isImported, disabled_at IS NOT NULL AS isDisabled
     FROM account WHERE username_key = ?`,
  );
  const find = sqlite.prepare<[string], StoredAccount>(
    `SELECT ${STORED_ACCOUNT} FROM account WHERE username_key = ?`,
  );
  const findById = sqlite.prepare<[string], StoredAccount>(
    `SELECT ${STORED_ACCOUNT} FROM account WHERE id = ?`,
  );
  const findPage = sqlite.prepare<[string], AccountRow>(
    `SELECT ${STORED_ACCOUNT}, username_key AS usernameKey FROM account WHERE username_key > ?
     ORDER BY username_key LIMIT ${PAGE_ROWS}`,
  );
  const update = sqlite.prepare(
    `UPDATE account SET username = :username, username_key = :usernameKey, display_name = :displayName
     WHERE id = :id`,
  );
  const rehash = sqlite.prepare(
    'UPDATE account SET password_hash = ?, is_imported = 0 WHERE id = ? AND password_hash = ?',
  );
  const renewToken = sqlite.prepare(
    'UPDATE sso_session SET secret_hash = :tokenHash, replaced_token_hash = secret_hash WHERE sid = :sid',
  );
  const updatePassword = prepareUpdatePassword(database);
  const setDisabled = sqlite.prepare(
    `UPDATE account SET disabled_at = :disabledAt
     WHERE id = :id AND (disabled_at IS NULL) = (:disabledAt IS NOT NULL)`,
  );
  const removeInvitation = sqlite.prepare('DELETE FROM invitation WHERE account_id = ?');
  const findId = sqlite.prepare('SELECT 1 FROM account WHERE id = ?');
  const deleteRow = sqlite.prepare('DELETE FROM account WHERE id = ?');
  const requireOwnSession = prepareRequireOwnSession(database);

  const findOne = (statement: typeof find, text: string) =>
    database.run(() => (isStorableText(text) ? (statement.get(text) ?? null) : null));

  return {
    add: prepareWrite(database, (accounts, context) => {
      const seen = new Set<string>();
      const taken = accounts.flatMap(({ usernameKey }, index) => {
        const isTaken = seen.has(usernameKey) || findHolder.get(usernameKey) !== undefined;
        seen.add(usernameKey);
        return isTaken ? [index] : [];
      });
      if (taken.length > 0) return taken;
      for (const { groups = [], ...account } of accounts) {
        const { id: accountId, displayName } = account;
        insert.run({ ...account, isImported: account.isImported ? 1 : 0, at: context.at });
        audit.append({ kind: 'account added', accountId, detail: displayName }, context);
        for (const name of new Set(groups)) {
          insertGroup.run(accountId, name);
          audit.append({ kind: 'group joined', accountId, detail: name }, context);
        }
      }
      return [];
    }),
    findCredentials: (usernameKey) =>
      database.run(() => {
        const row = isStorableText(usernameKey) ? findCredentials.get(usernameKey) : undefined;
        if (row === undefined) return null;
        const { passwordHash, passwordVersion, isImported, isDisabled, ...account } = row;
        const flags = { isImported: isImported === 1, isDisabled: isDisabled === 1 };
        return { account, passwordHash, passwordVersion, ...flags };
      }),
    find: (usernameKey) => findOne(find, usernameKey),
    findById: (accountId) => findOne(findById, accountId),
    async *pages() {
      const find = (last?: AccountRow) => findPage.all(last?.usernameKey ?? '');
      for await (const page of readPages(database, find)) {
        yield page.map(({ usernameKey: _key, ...account }) => account);
      }
    },
    rename: prepareWrite(database, (account, context) => {
      if (findId.get(account.id) === undefined) return 'gone';
      if ((findHolder.get(account.usernameKey) ?? account.id) !== account.id) return 'taken';
      const detail = `to ${account.username} (${account.displayName})`;
      audit.append({ kind: 'account renamed', accountId: account.id, detail }, context);
      update.run(account);
      return null;
    }),
    rehash: (accountId, oldHash, newHash) =>
      database.write(() => void rehash.run(newHash, accountId, oldHash)),
    setPassword: prepareWrite(database, (accountId, passwordHash, change, context) => {
      const { passwordVersion = null, own } = change;
      if (own !== undefined) requireOwnSession(own);
      if (updatePassword.run({ accountId, passwordHash, passwordVersion }).changes === 0) return null;
      audit.append({ kind: 'password changed', accountId }, context);
      if (own === undefined) removeInvitation.run(accountId);
      else renewToken.run({ sid: own.sid, tokenHash: own.newTokenHash });
      const others = { accountId, ...(own && { exceptSid: own.sid }) };
      return ending.end(others, 'password changed', context);
    }),
    disable: prepareWrite(database, (accountId, context) => {
      if (setDisabled.run({ id: accountId, disabledAt: context.at }).changes === 0) return null;
      audit.append({ kind: 'account disabled', accountId }, context);
      removeInvitation.run(accountId);
      return ending.end({ accountId }, 'account disabled', context);
    }),
    enable: prepareWrite(database, (accountId, context) => {
      if (setDisabled.run({ id: accountId, disabledAt: null }).changes === 0) return false;
      audit.append({ kind: 'account enabled', accountId }, context);
      return true;
    }),
    remove: prepareWrite(database, (accountId, context) => {
      if (findId.get(accountId) === undefined) return null;
      audit.append({ kind: 'account removed', accountId }, context);
      const ended = ending.end({ accountId }, 'account removed', context);
      deleteRow.run(accountId);
      return ended;
    }),
  };
}
