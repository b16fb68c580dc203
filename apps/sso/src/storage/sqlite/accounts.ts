/** Accounts in SQLite: the guarantees are those of `AccountStore`. */
import type { Account } from '@samesite-sso/protocol';
import type { Database } from '@samesite-sso/service';
import type { AccountStore } from '../stores.ts';

interface AccountRow {
  id: string;
  username: string;
  displayName: string;
}

export function sqliteAccounts(database: Database): AccountStore {
  const { sqlite } = database;
  const add = sqlite.prepare(
    `INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
     VALUES (:id, :username, :usernameKey, :displayName, :passwordHash, :createdAt)
     ON CONFLICT (username_key) DO NOTHING`,
  );
  const find = sqlite.prepare<[string], AccountRow & { passwordHash: string }>(
    `SELECT id, username, display_name AS displayName, password_hash AS passwordHash
     FROM account WHERE username_key = ?`,
  );
  const rehash = sqlite.prepare('UPDATE account SET password_hash = ? WHERE id = ? AND password_hash = ?');
  const list = sqlite.prepare<[], Account & { createdAt: number }>(
    `SELECT id, username, display_name AS displayName, created_at AS createdAt
     FROM account ORDER BY username_key`,
  );

  return {
    add: (account) => database.run(() => add.run(account).changes === 1),
    findByUsernameKey: (usernameKey) => database.run(() => find.get(usernameKey) ?? null),
    rehash: (accountId, oldHash, newHash) => database.run(() => void rehash.run(newHash, accountId, oldHash)),
    list: () => database.run(() => list.all()),
  };
}
