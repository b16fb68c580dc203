/**
 * Records the SSO sessions that have no app session left, so that each process on the database can report
 * them, and purges expired rows. `housekeeping.ts` does both regularly; `app-sessions.ts` adds entries.
 */
import { type Database, workInSlice } from '@samesite-sso/core';

/**
 * Retention of ended sessions, logout tokens and replaced cookies. It is far longer than step 4 takes, than
 * a logout token is valid, and than any process needs to report an end.
 */
const RETENTION_MS = 3_600_000;

export interface EndedSession {
  id: number;
  sid: string;
}

export class EndedSessions {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: Database, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
    this.#statements = prepareStatements(database);
  }

  lastId(): number {
    return this.#database.attempt(() => this.#statements.findLastId.get()) ?? 0;
  }

  /** The entries after the one with this id: a limited number, oldest first. */
  listAfter(id: number): EndedSession[] {
    return this.#database.attempt(() => this.#statements.listAfter.all(id));
  }

  /**
   * Ends expired app sessions and deletes old records in one slice.
   *
   * @returns whether it found any. If so, there may be more, and there may be ends to report.
   */
  async purgeExpired(): Promise<boolean> {
    const now = this.#clock();
    const deleteBefore = now - RETENTION_MS;
    const { findExpired, endExpired, deleteRecords } = this.#statements;
    // Read first, so that a poll takes no write lock when nothing has expired.
    if (this.#database.attempt(() => findExpired.get({ now, deleteBefore })) === undefined) return false;
    const { rows } = await this.#database.runInBackground(() =>
      workInSlice([
        (limit) => endExpired(now, limit),
        ...deleteRecords.map((statement) => (limit: number) => statement.run(deleteBefore, limit).changes),
      ]),
    );
    return rows > 0;
  }
}

/** @returns a function that adds an entry, unless the SSO session has an app session left */
export function prepareRecordEnded({ sqlite }: Database): (sid: string, now: number) => void {
  const insert = sqlite.prepare(
    `INSERT INTO ended_session (sid, ended_at)
     SELECT :sid, :now WHERE NOT EXISTS (SELECT 1 FROM app_session WHERE sid = :sid)`,
  );
  return (sid, now) => void insert.run({ sid, now });
}

function prepareStatements({ sqlite }: Database) {
  const deleteBatch = (table: string, time: string) =>
    `DELETE FROM ${table} WHERE rowid IN
       (SELECT rowid FROM ${table} WHERE ${time} <= ? ORDER BY ${time} LIMIT ?)`;
  const deleteSessions = sqlite
    .prepare<[number, number], string>(`${deleteBatch('app_session', 'ends_at')} RETURNING sid`)
    .pluck();
  const recordAllEnded = sqlite.prepare(
    `INSERT INTO ended_session (sid, ended_at)
     SELECT DISTINCT value, :now FROM json_each(:sids)
     WHERE NOT EXISTS (SELECT 1 FROM app_session WHERE sid = value)`,
  );
  return {
    findLastId: sqlite.prepare<[], number>('SELECT id FROM ended_session ORDER BY id DESC LIMIT 1').pluck(),
    listAfter: sqlite.prepare<[number], EndedSession>(
      'SELECT id, sid FROM ended_session WHERE id > ? ORDER BY id LIMIT 500',
    ),
    findExpired: sqlite.prepare<[{ now: number; deleteBefore: number }]>(
      `SELECT 1 WHERE EXISTS (SELECT 1 FROM app_session WHERE ends_at <= :now)
         OR EXISTS (SELECT 1 FROM logout_token WHERE received_at <= :deleteBefore)
         OR EXISTS (SELECT 1 FROM ended_session WHERE ended_at <= :deleteBefore)
         OR EXISTS (SELECT 1 FROM replaced_session WHERE replaced_at <= :deleteBefore)
         OR EXISTS (SELECT 1 FROM site_sign_out WHERE ends_at <= :deleteBefore)`,
    ),
    /** @returns how many app sessions it ended */
    endExpired: (now: number, limit: number) => {
      const sids = deleteSessions.all(now, limit);
      recordAllEnded.run({ sids: JSON.stringify(sids), now });
      return sids.length;
    },
    deleteRecords: [
      sqlite.prepare<[number, number]>(deleteBatch('logout_token', 'received_at')),
      sqlite.prepare<[number, number]>(deleteBatch('ended_session', 'ended_at')),
      sqlite.prepare<[number, number]>(deleteBatch('replaced_session', 'replaced_at')),
      sqlite.prepare<[number, number]>(deleteBatch('site_sign_out', 'ends_at')),
    ],
  };
}
