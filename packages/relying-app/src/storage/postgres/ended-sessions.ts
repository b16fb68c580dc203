/** The log of ended SSO sessions in PostgreSQL. */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import { type EndedSessionLog, MAX_BATCH_ROWS } from '../app-store.ts';

interface Reader {
  /** The snapshot that sees exactly the transactions whose entries were read before. */
  seen: string;
  /** The snapshot of the first batch, while further batches remain; otherwise null. */
  until: string | null;
  /** The last entry of the batch before. */
  endedIn: string;
  id: string;
}

/**
 * Reads what was committed between two snapshots. Neither ids nor transaction ids are in the order of the
 * commits, so a reader that remembered only the last one would miss the entries of a slow transaction. The
 * usual remedy, reading nothing that is newer than the oldest running transaction, misses none. But then a
 * long transaction in any database of the server would delay every entry.
 */
const readAfter = toStatement<Reader>(
  `SELECT until::text AS until, ended_in::text AS "endedIn", id::text AS id, sid
   FROM (SELECT coalesce(:until::pg_snapshot, pg_current_snapshot()) AS until) AS reader
   LEFT JOIN LATERAL (
     SELECT ended_in, id, sid FROM ended_session
     WHERE ended_in >= pg_snapshot_xmin(:seen::pg_snapshot)
       AND NOT pg_visible_in_snapshot(ended_in, :seen::pg_snapshot)
       AND pg_visible_in_snapshot(ended_in, until)
       AND (ended_in, id) > (:endedIn::xid8, :id::bigint)
     ORDER BY ended_in, id
     LIMIT ${MAX_BATCH_ROWS}
   ) AS entry ON TRUE`,
);

type Row = { until: string } & ({ endedIn: string; id: string; sid: string } | { sid: null });

export function postgresEndedSessions(database: PostgresDatabase): EndedSessionLog {
  return {
    position: async () => {
      const { rows } = await database.query<{ seen: string }>('SELECT pg_current_snapshot()::text AS seen');
      return rows[0]?.seen ?? '';
    },
    readAfter: async (position) => {
      const [seen = '', until = null, endedIn = '0', id = '0'] = position.split(' ');
      const { rows } = await database.query<Row>(...readAfter({ seen, until, endedIn, id }));
      const sids = rows.flatMap(({ sid }) => (sid === null ? [] : [sid]));
      const last = rows.at(-1);
      if (last === undefined) return { sids, position };
      const isFull = sids.length === MAX_BATCH_ROWS && last.sid !== null;
      return {
        sids,
        position: isFull ? [seen, last.until, last.endedIn, last.id].join(' ') : last.until,
      };
    },
  };
}
