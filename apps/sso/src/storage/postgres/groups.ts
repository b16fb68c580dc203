/**
 * `GroupStore` in PostgreSQL. A removal from a group locks the account's review first, and then its
 * membership. A review that is under way therefore finishes before, and one that begins later sees that the
 * membership is gone. `tokens.ts` locks the membership that gives a session access, so that a removal waits
 * for the token, and its review finds it.
 */
import { isStorableText, type PostgresDatabase, toStatement } from '@samesite-sso/core';
import type { AuditContext, GroupStore, ListedGroup } from '../stores.ts';
import { type AccountRow, STORED_ACCOUNT } from './accounts.ts';
import { endLostAccess } from './app-access.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';

type Change = AuditContext & { name: string; accountIds: readonly string[] };

const findPage = `SELECT name, count(*) AS "memberCount" FROM account_group WHERE name > $1
  GROUP BY name ORDER BY name LIMIT ${PAGE_ROWS}`;
const findMembers = `SELECT ${STORED_ACCOUNT}, username_key AS "usernameKey" FROM account
  WHERE username_key > $1 AND EXISTS (SELECT FROM account_group WHERE account_id = id AND name = $2)
  ORDER BY username_key LIMIT ${PAGE_ROWS}`;
const findOf = 'SELECT name FROM account_group WHERE account_id = $1 ORDER BY name';

// The lock keeps the accounts, which the foreign key needs. Accounts are in order, so that instances can't
// deadlock.
const add = toStatement<Change>(
  `WITH chosen AS (
     SELECT id, username FROM account WHERE id = ANY (:accountIds::text[]) ORDER BY id FOR KEY SHARE
   ), joined AS (
     INSERT INTO account_group (account_id, name) SELECT id, :name FROM chosen ORDER BY id
     ON CONFLICT DO NOTHING
     RETURNING account_id
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, detail)
     SELECT :at::bigint, 'group joined', :actor, :address, id, username, :name
     FROM chosen JOIN joined ON account_id = id ORDER BY id
   )
   SELECT account_id AS id FROM joined`,
);

// An update locks a row that is there already. `DO NOTHING` would let a review that is under way delete it.
// In order as well, and before the memberships, whose order then doesn't matter.
const requireReviews = toStatement<Pick<Change, 'accountIds'>>(
  `INSERT INTO access_review (account_id)
   SELECT id FROM account WHERE id = ANY (:accountIds::text[]) ORDER BY id
   ON CONFLICT (account_id) DO UPDATE SET account_id = excluded.account_id`,
);
const remove = toStatement<Change>(
  `WITH gone AS (
     DELETE FROM account_group WHERE name = :name AND account_id = ANY (:accountIds::text[])
     RETURNING account_id
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, detail)
     SELECT :at::bigint, 'group left', :actor, :address, id, username, :name
     FROM gone JOIN account ON id = account_id ORDER BY id
   )
   SELECT account_id AS id FROM gone`,
);
// Before the memberships, as the removal of an account does, or the two could deadlock: adding a membership
// needs the account as well.
const lockAccounts = 'SELECT FROM account WHERE id = ANY ($1::text[]) ORDER BY id FOR KEY SHARE';
const findReviews = 'SELECT account_id AS id FROM access_review LIMIT $1';
const removeReview = 'DELETE FROM access_review WHERE account_id = $1';

export function postgresGroups(database: PostgresDatabase): GroupStore {
  const toIds = ({ rows }: { rows: { id: string }[] }) => rows.map(({ id }) => id);
  return {
    async *pages() {
      yield* readPages<ListedGroup>((last) => database.query(findPage, [last?.name ?? '']));
    },
    async *members(name) {
      if (!isStorableText(name)) return;
      const find = (last?: AccountRow) =>
        database.query<AccountRow>(findMembers, [last?.usernameKey ?? '', name]);
      for await (const page of readPages(find)) {
        yield page.map(({ usernameKey: _, ...account }) => account);
      }
    },
    of: async (accountId) => {
      if (!isStorableText(accountId)) return [];
      const { rows } = await database.query<{ name: string }>(findOf, [accountId]);
      return rows.map(({ name }) => name);
    },
    add: async (name, accountIds, context) =>
      toIds(await database.write<{ id: string }>(...add({ name, accountIds, ...context }))),
    remove: async (name, accountIds, context) =>
      toIds(
        await database.writeAll<{ id: string }>(
          requireReviews({ accountIds }),
          remove({ name, accountIds, ...context }),
        ),
      ),
    // Groups are in order, like the accounts in each statement, so that instances can't deadlock.
    move: async (accountIds, { left, joined }, context) => {
      await database.writeAll(
        [lockAccounts, [accountIds]],
        requireReviews({ accountIds }),
        ...left.toSorted().map((name) => remove({ name, accountIds, ...context })),
        ...joined.toSorted().map((name) => add({ name, accountIds, ...context })),
      );
    },
    findUnreviewed: async (limit) => toIds(await database.query<{ id: string }>(findReviews, [limit])),
    review: async (accountId, required, context) =>
      (await database.writeAll([removeReview, [accountId]], ...endLostAccess(accountId, required, context)))
        .count,
  };
}
