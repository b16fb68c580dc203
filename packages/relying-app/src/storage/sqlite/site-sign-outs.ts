/** The recorded sign-outs from the whole site in SQLite. */
import type { SqliteDatabase } from '@samesite-sso/core';
import { CLAIM_MS, type SiteSignOutStore } from '../app-store.ts';

export function sqliteSiteSignOuts(database: SqliteDatabase): SiteSignOutStore {
  const { sqlite } = database;
  const isDue = `told_at IS NULL AND ends_at > :now
    AND (claimed_until <= :now OR claimed_until > :now + ${2 * CLAIM_MS})`;
  const findOne = sqlite.prepare<[string]>('SELECT 1 FROM site_sign_out WHERE sid = ?');
  const findPending = sqlite.prepare<[number]>(
    'SELECT 1 FROM site_sign_out WHERE told_at IS NULL AND ends_at > ? LIMIT 1',
  );
  const findDue = sqlite.prepare<[{ now: number }]>(`SELECT 1 FROM site_sign_out WHERE ${isDue} LIMIT 1`);
  const claim = sqlite
    .prepare<[{ now: number; limit: number }], string>(
      `UPDATE site_sign_out SET claimed_until = :now + ${CLAIM_MS} WHERE rowid IN
         (SELECT rowid FROM site_sign_out WHERE ${isDue} ORDER BY claimed_until LIMIT :limit)
       RETURNING sid`,
    )
    .pluck();
  const markDelivered = sqlite.prepare(
    'UPDATE site_sign_out SET told_at = ? WHERE sid IN (SELECT value FROM json_each(?))',
  );
  const release = sqlite.prepare(
    'UPDATE site_sign_out SET claimed_until = ? WHERE sid IN (SELECT value FROM json_each(?))',
  );
  return {
    has: async (sid) => (await database.run(() => findOne.get(sid))) !== undefined,
    isPending: async (now) => (await database.run(() => findPending.get(now))) !== undefined,
    claim: async (limit, now) => {
      // Read first, so that a poll takes no write lock when nothing is due.
      if ((await database.run(() => findDue.get({ now }))) === undefined) return [];
      return await database.write(() => claim.all({ now, limit }));
    },
    settle: (delivered, failed, now) =>
      database.write(() => {
        markDelivered.run(now, JSON.stringify(delivered));
        release.run(now, JSON.stringify(failed));
      }),
  };
}
