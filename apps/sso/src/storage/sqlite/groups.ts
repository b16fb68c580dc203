/** `GroupStore` in SQLite. */
import { isStorableText, type SqliteDatabase } from '@samesite-sso/core';
import type { AuditContext, GroupStore, ListedGroup } from '../stores.ts';
import { type AccountRow, STORED_ACCOUNT } from './accounts.ts';
import { sqliteAppAccess } from './app-access.ts';
import type { AuditTrail } from './audit.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';
import { prepareWrite } from './write.ts';

/** @returns a function that returns the names of an account's groups, sorted */
export function prepareFindGroups({ sqlite }: SqliteDatabase) {
  const find = sqlite
    .prepare<[string], string>('SELECT name FROM account_group WHERE account_id = ? ORDER BY name')
    .pluck();
  return (accountId: string): string[] => find.all(accountId);
}

export function sqliteGroups(database: SqliteDatabase, audit: AuditTrail): GroupStore {
  const { sqlite } = database;
  const access = sqliteAppAccess(database);
  const findPage = sqlite.prepare<[string], ListedGroup>(
    `SELECT name, count(*) AS memberCount FROM account_group WHERE name > ?
     GROUP BY name ORDER BY name LIMIT ${PAGE_ROWS}`,
  );
  const findMembers = sqlite.prepare<[string, string], AccountRow>(
    `SELECT ${STORED_ACCOUNT}, username_key AS usernameKey FROM account
     WHERE username_key > ? AND EXISTS (SELECT 1 FROM account_group WHERE account_id = id AND name = ?)
     ORDER BY username_key LIMIT ${PAGE_ROWS}`,
  );
  const findOf = prepareFindGroups(database);
  const insert = sqlite
    .prepare<unknown[], string>(
      `INSERT INTO account_group (account_id, name)
       SELECT id, :name FROM account WHERE id IN (SELECT value FROM json_each(:accountIds))
       ON CONFLICT DO NOTHING RETURNING account_id`,
    )
    .pluck();
  const remove = sqlite
    .prepare<unknown[], string>(
      `DELETE FROM account_group
       WHERE name = :name AND account_id IN (SELECT value FROM json_each(:accountIds))
       RETURNING account_id`,
    )
    .pluck();
  const insertReviews = sqlite.prepare(
    'INSERT INTO access_review SELECT value FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING',
  );
  const findReviews = sqlite
    .prepare<[number], string>('SELECT account_id FROM access_review LIMIT ?')
    .pluck();
  const removeReview = sqlite.prepare('DELETE FROM access_review WHERE account_id = ?');
  const findAccess = sqlite
    .prepare<[string, string], number>(
      `SELECT session_app.rowid FROM sso_session JOIN session_app USING (sid)
       WHERE account_id = ? AND app IN (SELECT value FROM json_each(?))`,
    )
    .pluck();

  const addMembers = (name: string, accountIds: readonly string[], context: AuditContext): string[] => {
    const added = insert.all({ name, accountIds: JSON.stringify(accountIds) });
    for (const accountId of added) audit.append({ kind: 'group joined', accountId, detail: name }, context);
    return added;
  };
  const removeMembers = (name: string, accountIds: readonly string[], context: AuditContext): string[] => {
    const removed = remove.all({ name, accountIds: JSON.stringify(accountIds) });
    for (const accountId of removed) audit.append({ kind: 'group left', accountId, detail: name }, context);
    insertReviews.run(JSON.stringify(removed));
    return removed;
  };

  return {
    async *pages() {
      yield* readPages<ListedGroup>(database, (last) => findPage.all(last?.name ?? ''));
    },
    async *members(name) {
      if (!isStorableText(name)) return;
      const find = (last?: AccountRow) => findMembers.all(last?.usernameKey ?? '', name);
      for await (const page of readPages(database, find)) {
        yield page.map(({ usernameKey: _key, ...account }) => account);
      }
    },
    of: (accountId) => database.run(() => (isStorableText(accountId) ? findOf(accountId) : [])),
    add: prepareWrite(database, addMembers),
    remove: prepareWrite(database, removeMembers),
    move: prepareWrite(database, (accountIds, { left, joined }, context) => {
      for (const name of left) removeMembers(name, accountIds, context);
      for (const name of joined) addMembers(name, accountIds, context);
    }),
    findUnreviewed: (limit) => database.run(() => findReviews.all(limit)),
    review: prepareWrite(database, (accountId, required, context) => {
      removeReview.run(accountId);
      const groups = new Set(findOf(accountId));
      const lost = [...required].filter(([, names]) => !names.some((name) => groups.has(name)));
      const apps = lost.map(([app]) => app);
      return access.end(findAccess.all(accountId, JSON.stringify(apps)), context);
    }),
  };
}
