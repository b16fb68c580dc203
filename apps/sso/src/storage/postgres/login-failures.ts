/** `LoginFailureStore` in PostgreSQL. The rows are as in SQLite: see `../sqlite/login-failures.ts`. */

import { setTimeout as delay } from 'node:timers/promises';
import { type PostgresDatabase, toStatement, toStorableText } from '@samesite-sso/core';
import type { AuditContext, FailureLimits, ListedLimit, LoginFailureStore, ReachedLimit } from '../stores.ts';
import { pagesOfReachedLimits } from './listed-limits.ts';
import { SLICE_ROWS } from './slices.ts';

/** The pause after a slice, so that the service's own writes get most of the disk. */
const REST_MS = 20;

interface Limits {
  usernameHash: Buffer;
  networks: string[];
  accountLimits: number[];
  addressLimits: number[];
  windowMs: number;
  since: number;
  until: number;
}

/** The reached limit that lasts longest, or no row. A limit of n is found by the n-th newest failure. */
const REACHED = `
  SELECT limit_of AS "of", network, max_failures AS "maxFailures", failed_at + :windowMs AS until
  FROM unnest(:networks::text[], :accountLimits::bigint[], :addressLimits::bigint[]) WITH ORDINALITY
      AS limits (network, account_limit, address_limit, position)
    CROSS JOIN LATERAL (
      SELECT 'account' AS limit_of, account_limit AS max_failures, (
        SELECT failed_at FROM login_failure
        WHERE username_hash = :usernameHash AND address = network
          AND failed_at > :since AND failed_at <= :until
        ORDER BY failed_at DESC LIMIT 1 OFFSET account_limit - 1
      ) AS failed_at
      UNION ALL
      SELECT 'address', address_limit, (
        SELECT failed_at FROM login_failure
        WHERE address = network AND failed_at > :since AND failed_at <= :until
        ORDER BY failed_at DESC LIMIT 1 OFFSET address_limit - 1
      )
    ) AS reached
  WHERE failed_at IS NOT NULL
  ORDER BY failed_at DESC, position, limit_of LIMIT 1`;

/**
 * Deleting no rows fails wherever a failure couldn't be counted: it needs the lock on the table that
 * an insert needs, and is refused by a read-only server. `LOCK TABLE` would succeed on a standby.
 */
const findReached = toStatement<Limits>(
  `WITH writable AS (DELETE FROM login_failure WHERE FALSE) ${REACHED}`,
);

/** Locks in the same order for every caller, so that no two can deadlock. */
const lockNetworks = toStatement<{ networks: string[] }>(
  `SELECT pg_advisory_xact_lock(key)
   FROM (SELECT hashtextextended('login failures from ' || network, 0) AS key
     FROM unnest(:networks::text[]) AS network ORDER BY key) AS network`,
);
const add = toStatement<Limits & AuditContext & Record<'accountId' | 'sid' | 'detail', string | null>>(
  `WITH reached AS (${REACHED}), failure AS (
     INSERT INTO login_failure (username_hash, address, failed_at)
     SELECT :usernameHash, network, :at FROM unnest(:networks::text[]) AS network
     WHERE NOT EXISTS (SELECT 1 FROM reached)
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, detail)
     SELECT :at, 'login failed', :actor, :address, :accountId,
       (SELECT username FROM account WHERE id = :accountId), :sid, :detail
     WHERE NOT EXISTS (SELECT 1 FROM reached)
   )
   SELECT * FROM reached`,
);

interface Matches {
  networks: readonly string[];
  usernameHash: Buffer | null;
}

const MATCHES = 'address = ANY (:networks::text[]) OR username_hash = :usernameHash::bytea';
/** Counts a failure once, however many rows it has. */
const countMatching = toStatement<Matches>(
  `SELECT count(*) AS failures
   FROM (SELECT DISTINCT username_hash, failed_at FROM login_failure WHERE ${MATCHES}) AS failure`,
);
/** One slice at a time, or two processes that delete the same failures would both record that. */
const lockForgetting = "SELECT pg_advisory_xact_lock(hashtextextended('forgetting login failures', 0))";
const removeMatching = toStatement<
  Matches & AuditContext & { accountId: string | null; detail: string | null }
>(
  `WITH removed AS (
     DELETE FROM login_failure WHERE id IN
       (SELECT id FROM login_failure WHERE ${MATCHES} LIMIT ${SLICE_ROWS} FOR UPDATE SKIP LOCKED)
     RETURNING id
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, detail)
     SELECT :at, 'throttle lifted', :actor, :address, :accountId,
       (SELECT username FROM account WHERE id = :accountId), :detail
     WHERE :detail::text IS NOT NULL AND EXISTS (SELECT 1 FROM removed)
   )
   SELECT count(*) AS failures FROM removed`,
);

export function postgresLoginFailures(database: PostgresDatabase): LoginFailureStore {
  return {
    findReached: async (usernameHash, limits, now) => {
      const { rows } = await database.write<ReachedLimit>(
        ...findReached(toLimits(usernameHash, limits, now)),
      );
      return rows[0] ?? null;
    },
    add: async ({ usernameHash, accountId, sid = null, detail = null }, limits, context) => {
      const values = {
        ...toLimits(usernameHash, limits, context.at),
        ...{ ...context, accountId, sid, detail: detail === null ? null : toStorableText(detail) },
      };
      // Both limits of a network count its failures alone, so one lock per network serializes them. The count
      // needs a separate statement: one that waited for a lock wouldn't see what was committed meanwhile.
      const { rows } = await database.writeAll<ReachedLimit>(lockNetworks(values), add(values));
      return rows[0] ?? null;
    },
    pages: (...choice): AsyncIterable<ListedLimit[]> => pagesOfReachedLimits(database, ...choice),
    async forget({ networks = [], usernameHash = null }, record, context) {
      const matches = { networks, usernameHash };
      const { rows } = await database.query<{ failures: number }>(...countMatching(matches));
      const failures = rows[0]?.failures ?? 0;
      if (failures === 0) return 0;
      const lifted = `${record.detail}: ${failures} failed sign-ins deleted`;
      // Records the deletion with its first slice. If another process was faster, there is nothing to record.
      for (let isRecorded = false; ; await delay(REST_MS)) {
        const event = { accountId: record.accountId, detail: isRecorded ? null : lifted };
        const slice = removeMatching({ ...matches, ...event, ...context });
        const removed = await database.writeAll<{ failures: number }>([lockForgetting], slice);
        const count = removed.rows[0]?.failures ?? 0;
        isRecorded ||= count > 0;
        if (count < SLICE_ROWS) return isRecorded ? failures : 0;
      }
    },
  };
}

function toLimits(usernameHash: Buffer, { windowMs, networks }: FailureLimits, now: number): Limits {
  return {
    usernameHash,
    networks: networks.map(({ name }) => name),
    accountLimits: networks.map(({ maxFailuresPerAccount }) => maxFailuresPerAccount),
    addressLimits: networks.map(({ maxFailures }) => maxFailures),
    windowMs,
    since: now - windowMs,
    until: now + windowMs,
  };
}
