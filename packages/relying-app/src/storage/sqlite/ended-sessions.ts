/** The log of ended SSO sessions in SQLite. */
import type { SqliteDatabase } from '@samesite-sso/core';
import { type EndedSessionLog, MAX_BATCH_ROWS } from '../app-store.ts';

/**
 * A position is an id. Transactions run one after the other and AUTOINCREMENT reuses no id, so ids are in the
 * order of the commits.
 */
export function sqliteEndedSessions(database: SqliteDatabase): EndedSessionLog {
  const { sqlite } = database;
  const findLast = sqlite.prepare<[], number | null>('SELECT max(id) FROM ended_session').pluck();
  const listAfter = sqlite.prepare<[number], { id: number; sid: string }>(
    `SELECT id, sid FROM ended_session WHERE id > ? ORDER BY id LIMIT ${MAX_BATCH_ROWS}`,
  );
  return {
    position: async () => String((await database.run(() => findLast.get())) ?? 0),
    readAfter: async (position) => {
      const entries = await database.run(() => listAfter.all(Number(position)));
      const last = entries.at(-1);
      return {
        sids: entries.map(({ sid }) => sid),
        position: last === undefined ? position : String(last.id),
      };
    },
  };
}

/** @returns a function that adds an entry, unless the SSO session has an app session left */
export function prepareRecordEnded({ sqlite }: SqliteDatabase): (sid: string, now: number) => void {
  const insert = sqlite.prepare(
    `INSERT INTO ended_session (sid, ended_at)
     SELECT :sid, :now WHERE NOT EXISTS (SELECT 1 FROM app_session WHERE sid = :sid)`,
  );
  return (sid, now) => void insert.run({ sid, now });
}
