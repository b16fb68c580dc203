/** Ends expired app sessions in SQLite, and deletes old records, in slices of a few milliseconds. */
import { type SqliteDatabase, workInSlice } from '@samesite-sso/core';
import { RETENTION_MS } from '../app-store.ts';

export function preparePurge(database: SqliteDatabase): (now: number) => Promise<boolean> {
  const { sqlite } = database;
  const findExpired = sqlite.prepare<[{ now: number; deleteBefore: number }]>(
    `SELECT 1 WHERE EXISTS (SELECT 1 FROM app_session WHERE ends_at <= :now)
       OR EXISTS (SELECT 1 FROM logout_token WHERE received_at <= :deleteBefore)
       OR EXISTS (SELECT 1 FROM ended_session WHERE ended_at <= :deleteBefore)
       OR EXISTS (SELECT 1 FROM replaced_session WHERE replaced_at <= :deleteBefore)
       OR EXISTS (SELECT 1 FROM site_sign_out WHERE ends_at <= :deleteBefore)`,
  );
  const endExpired = prepareEndExpired(database);
  const deleteRecords = (
    [
      ['logout_token', 'received_at'],
      ['ended_session', 'ended_at'],
      ['replaced_session', 'replaced_at'],
      ['site_sign_out', 'ends_at'],
    ] as const
  ).map(([table, time]) => sqlite.prepare<[number, number]>(deleteBatch(table, time)));
  return async (now) => {
    const deleteBefore = now - RETENTION_MS;
    // Read first, so that a poll takes no write lock when nothing has expired.
    if ((await database.run(() => findExpired.get({ now, deleteBefore }))) === undefined) return false;
    const { rows } = await database.runInBackground(() =>
      workInSlice([
        (limit) => endExpired(now, limit),
        ...deleteRecords.map((statement) => (limit: number) => statement.run(deleteBefore, limit).changes),
      ]),
    );
    return rows > 0;
  };
}

/** @returns a function that returns how many app sessions it ended */
function prepareEndExpired({ sqlite }: SqliteDatabase) {
  const deleteSessions = sqlite
    .prepare<[number, number], string>(`${deleteBatch('app_session', 'ends_at')} RETURNING sid`)
    .pluck();
  const recordAllEnded = sqlite.prepare(
    `INSERT INTO ended_session (sid, ended_at)
     SELECT DISTINCT value, :now FROM json_each(:sids)
     WHERE NOT EXISTS (SELECT 1 FROM app_session WHERE sid = value)`,
  );
  return (now: number, limit: number): number => {
    const sids = deleteSessions.all(now, limit);
    recordAllEnded.run({ sids: JSON.stringify(sids), now });
    return sids.length;
  };
}

const deleteBatch = (table: string, time: string) =>
  `DELETE FROM ${table} WHERE rowid IN
     (SELECT rowid FROM ${table} WHERE ${time} <= ? ORDER BY ${time} LIMIT ?)`;
