/** The recorded sign-outs from the whole site in PostgreSQL. */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import { CLAIM_MS, type SiteSignOutStore } from '../app-store.ts';

const has = toStatement<{ sid: string }>('SELECT FROM site_sign_out WHERE sid = :sid');

const isPending = toStatement<{ now: number }>(
  'SELECT FROM site_sign_out WHERE told_at IS NULL AND ends_at > :now LIMIT 1',
);

/** A row that another instance is just claiming is locked, and is skipped. */
const claim = toStatement<{ now: number; limit: number }>(
  `UPDATE site_sign_out SET claimed_until = :now + ${CLAIM_MS} WHERE sid IN (
     SELECT sid FROM site_sign_out
     WHERE told_at IS NULL AND ends_at > :now::bigint
       AND (claimed_until <= :now OR claimed_until > :now + ${2 * CLAIM_MS})
     ORDER BY claimed_until LIMIT :limit
     FOR UPDATE SKIP LOCKED
   )
   RETURNING sid`,
);

const settle = toStatement<{ delivered: readonly string[]; failed: readonly string[]; now: number }>(
  `WITH delivered AS (
     UPDATE site_sign_out SET told_at = :now::bigint WHERE sid = ANY (:delivered::text[])
   )
   UPDATE site_sign_out SET claimed_until = :now WHERE sid = ANY (:failed::text[])`,
);

export function postgresSiteSignOuts(database: PostgresDatabase): SiteSignOutStore {
  return {
    has: async (sid) => (await database.query(...has({ sid }))).count > 0,
    isPending: async (now) => (await database.query(...isPending({ now }))).count > 0,
    claim: async (limit, now) => {
      const { rows } = await database.write<{ sid: string }>(...claim({ limit, now }));
      return rows.map(({ sid }) => sid);
    },
    settle: async (delivered, failed, now) => {
      await database.write(...settle({ delivered, failed, now }));
    },
  };
}
