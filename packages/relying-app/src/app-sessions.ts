/**
 * App sessions: started by a redeemed token, found by the cookie's secret, ended by sign-out, by single
 * logout or by time. An app session lives for a fixed time and never past its SSO session's latest end; what
 * ran out is renewed by steps 2 to 4, without a word.
 */

import { createSessionToken, type Database, HttpProblem, sha256 } from '@samesite-sso/core';
import type { Account, LogoutTokenClaims } from '@samesite-sso/protocol';

/**
 * How long a logout, and the end of a session, are remembered: far longer than a step 4 can be under way,
 * than the ten minutes for which one logout token can be accepted, and than any process takes to read of an
 * end.
 */
const END_MEMORY_MS = 3_600_000;

/**
 * App sessions that one SSO session, which is one browser's, can have here. Beyond them the oldest end: a
 * logout ends all of them at once, while no request is answered.
 */
const MAX_SESSIONS_PER_SID = 1000;

/** Rows of each kind that one call deletes: some milliseconds, in which no request is answered. */
const PURGE_SLICE_ROWS = 100;

export interface AppSession {
  account: Account;
  /** The SSO session it hangs on. */
  sid: string;
  /** Milliseconds since the epoch, as is `endsAt`. */
  startedAt: number;
  endsAt: number;
}

interface NewSessionRow extends SessionRow {
  secretHash: Buffer;
  /** The latest end of the SSO session. */
  ssoEndsAt: number;
}

interface SessionRow {
  id: string;
  username: string;
  displayName: string;
  sid: string;
  startedAt: number;
  endsAt: number;
}

export interface SessionEnd {
  id: number;
  sid: string;
}

interface PurgeTimes {
  now: number;
  /** Purges logouts and ends up to this time, and sign-outs whose SSO session had ended by then. */
  forgetUntil: number;
}

export class AppSessions {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #ttl: number;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database, clock: () => number, ttlSeconds: number) {
    this.#database = database;
    this.#clock = clock;
    this.#ttl = ttlSeconds * 1000;
    this.#statements = prepare(database);
  }

  /**
   * Starts a session under a new secret, and ends the one whose secret came along, both or neither: for the
   * same SSO session that is a renewal. Where the SSO session is logged out meanwhile, none remains,
   * whichever comes first.
   *
   * @param ssoEndsAt when the SSO session ends at the latest
   * @returns the new secret and the seconds it lives
   * @throws {HttpProblem} `invalid-token` when the logout came first
   */
  async start(
    { account, sid, ssoEndsAt }: { account: Account; sid: string; ssoEndsAt: number },
    replacedSecret: string | null,
  ): Promise<{ secret: string; maxAgeSeconds: number }> {
    const secret = createSessionToken();
    const startedAt = this.#clock();
    const endsAt = Math.min(startedAt + this.#ttl, ssoEndsAt);
    const replaced = replacedSecret === null ? null : sha256(replacedSecret);
    const row = { secretHash: sha256(secret), sid, ...account, startedAt, endsAt, ssoEndsAt };
    const isStarted = await this.#database.run(() => this.#statements.start(row, replaced));
    if (!isStarted)
      throw new HttpProblem('invalid-token', { logReason: 'its SSO session has been logged out' });
    return { secret, maxAgeSeconds: toWholeSeconds(endsAt - startedAt) };
  }

  /** The whole seconds until a live session ends, at least 1. */
  secondsLeft({ endsAt }: Pick<AppSession, 'endsAt'>): number {
    return toWholeSeconds(endsAt - this.#clock());
  }

  /** The living session of a secret, or null. */
  find(secret: string | null): AppSession | null {
    if (secret === null) return null;
    const row = this.#database.attempt(() => this.#statements.find.get(sha256(secret), this.#clock()));
    if (row === undefined) return null;
    const { id, username, displayName, ...session } = row;
    return { account: { id, username, displayName }, ...session };
  }

  async end(secret: string): Promise<void> {
    await this.#database.run(() => this.#statements.end(sha256(secret), this.#clock()));
  }

  /**
   * Ends every app session of an SSO session, and those that a step 4 under way would still start. Of any
   * number of calls with one `jti`, in parallel or across restarts, one does so; the others change nothing.
   *
   * @returns whether this one did
   */
  async endBySid({ sid, jti }: Pick<LogoutTokenClaims, 'sid' | 'jti'>): Promise<boolean> {
    const logout = { sid, jti, receivedAt: this.#clock() };
    return await this.#database.run(() => this.#statements.endBySid(logout));
  }

  /**
   * Ends all app sessions of the same SSO session as this one, and records that the person has signed out of
   * the whole site: from then on this app starts no session for that `sid`. `sign-out-delivery.ts` tells the
   * SSO service. The secret may be one that a renewal has replaced within the last hour.
   *
   * @returns whether there was such a session
   */
  async endSite(secret: string): Promise<boolean> {
    return await this.#database.run(() => this.#statements.endSite(sha256(secret), this.#clock()));
  }

  /** Whether `endSite` has recorded a sign-out for this SSO session. */
  isSiteEnded(sid: string): boolean {
    return this.#database.attempt(() => this.#statements.findSiteEnd.get(sid)) !== undefined;
  }

  /** The id of the latest end. */
  lastEndId(): number {
    return this.#database.attempt(() => this.#statements.lastEndId.get()) ?? 0;
  }

  /**
   * Some of the ends after the one with this id, oldest first, whichever process wrote them. An end says that
   * the app has no session of that SSO session left. It is remembered for an hour.
   */
  endsAfter(id: number): SessionEnd[] {
    return this.#database.attempt(() => this.#statements.endsAfter.all(id));
  }

  /**
   * Ends expired sessions, and forgets old logouts, ends and sign-outs: a bounded number of each.
   *
   * @returns whether there may be more
   */
  async purgePast(): Promise<boolean> {
    const now = this.#clock();
    const times = { now, forgetUntil: now - END_MEMORY_MS };
    // A read first: where nothing is past, a poll every second takes no write lock.
    if (this.#database.attempt(() => this.#statements.findPast.get(times)) === undefined) return false;
    await this.#database.run(() => this.#statements.purgePast(times));
    return true;
  }
}

function toWholeSeconds(milliseconds: number): number {
  return Math.max(1, Math.floor(milliseconds / 1000));
}

function prepare({ sqlite }: Database) {
  const insert = sqlite.prepare(
    `INSERT INTO app_session
       (secret_hash, sid, account_id, username, display_name, started_at, ends_at, sso_ends_at)
     VALUES (:secretHash, :sid, :id, :username, :displayName, :startedAt, :endsAt, :ssoEndsAt)`,
  );
  const noteEnd = sqlite.prepare(
    `INSERT INTO ended_session (sid, ended_at)
     SELECT :sid, :now WHERE NOT EXISTS (SELECT 1 FROM app_session WHERE sid = :sid)`,
  );
  const deleteOne = sqlite
    .prepare<[Buffer], string>('DELETE FROM app_session WHERE secret_hash = ? RETURNING sid')
    .pluck();
  const end = (secretHash: Buffer, now: number) => {
    const sid = deleteOne.get(secretHash);
    if (sid !== undefined) noteEnd.run({ sid, now });
  };
  const deleteSurplus = sqlite.prepare(
    `DELETE FROM app_session WHERE rowid IN
       (SELECT rowid FROM app_session WHERE sid = ?
        ORDER BY rowid DESC LIMIT -1 OFFSET ${MAX_SESSIONS_PER_SID})`,
  );
  const noteReplaced = sqlite.prepare(
    `INSERT INTO replaced_session
     SELECT secret_hash, sid, sso_ends_at, :now FROM app_session WHERE secret_hash = :secretHash`,
  );
  const findLogout = sqlite.prepare('SELECT 1 FROM logout_token WHERE sid = ?');
  const findSiteEnd = sqlite.prepare('SELECT 1 FROM site_sign_out WHERE sid = ?');
  const start = sqlite.transaction((row: NewSessionRow, replaced: Buffer | null) => {
    if ((findLogout.get(row.sid) ?? findSiteEnd.get(row.sid)) !== undefined) return false;
    insert.run(row); // Before the other one ends, so that a renewal leaves no moment without a session.
    deleteSurplus.run(row.sid);
    if (replaced !== null) {
      noteReplaced.run({ secretHash: replaced, now: row.startedAt });
      end(replaced, row.startedAt);
    }
    return true;
  });
  const noteLogout = sqlite.prepare(
    `INSERT INTO logout_token (jti, sid, received_at) VALUES (:jti, :sid, :receivedAt)
     ON CONFLICT (jti) DO NOTHING`,
  );
  const deleteAllOfSid = sqlite.prepare('DELETE FROM app_session WHERE sid = ?');
  const endBySid = sqlite.transaction((logout: { jti: string; sid: string; receivedAt: number }) => {
    if (noteLogout.run(logout).changes === 0) return false;
    const { sid, receivedAt: now } = logout;
    if (deleteAllOfSid.run(sid).changes > 0) noteEnd.run({ sid, now });
    return true;
  });
  const findSite = sqlite.prepare<[{ secretHash: Buffer }], { sid: string; ssoEndsAt: number }>(
    `SELECT sid, sso_ends_at AS ssoEndsAt FROM app_session WHERE secret_hash = :secretHash
     UNION ALL SELECT sid, sso_ends_at FROM replaced_session WHERE secret_hash = :secretHash`,
  );
  const recordSiteEnd = sqlite.prepare(
    'INSERT INTO site_sign_out (sid, ends_at) VALUES (:sid, :ssoEndsAt) ON CONFLICT (sid) DO NOTHING',
  );
  const endSite = sqlite.transaction((secretHash: Buffer, now: number) => {
    const session = findSite.get({ secretHash });
    if (session === undefined) return false;
    recordSiteEnd.run(session);
    if (deleteAllOfSid.run(session.sid).changes > 0) noteEnd.run({ sid: session.sid, now });
    return true;
  });
  const slice = (table: string, column: string) =>
    `DELETE FROM ${table} WHERE rowid IN
       (SELECT rowid FROM ${table} WHERE ${column} <= ? ORDER BY ${column} LIMIT ${PURGE_SLICE_ROWS})`;
  const deleteExpired = sqlite
    .prepare<[number], string>(`${slice('app_session', 'ends_at')} RETURNING sid`)
    .pluck();
  const forgetLogouts = sqlite.prepare(slice('logout_token', 'received_at'));
  const forgetEnds = sqlite.prepare(slice('ended_session', 'ended_at'));
  const forgetReplaced = sqlite.prepare(slice('replaced_session', 'replaced_at'));
  const forgetSiteEnds = sqlite.prepare(slice('site_sign_out', 'ends_at'));
  const purgePast = sqlite.transaction(({ now, forgetUntil }: PurgeTimes) => {
    for (const sid of new Set(deleteExpired.all(now))) noteEnd.run({ sid, now });
    forgetLogouts.run(forgetUntil);
    forgetEnds.run(forgetUntil);
    forgetReplaced.run(forgetUntil);
    forgetSiteEnds.run(forgetUntil);
  });
  return {
    start: start.immediate,
    end: sqlite.transaction(end).immediate,
    endBySid: endBySid.immediate,
    endSite: endSite.immediate,
    findSiteEnd,
    purgePast: purgePast.immediate,
    find: sqlite.prepare<[Buffer, number], SessionRow>(
      `SELECT account_id AS id, username, display_name AS displayName, sid,
         started_at AS startedAt, ends_at AS endsAt
       FROM app_session WHERE secret_hash = ? AND ends_at > ?`,
    ),
    lastEndId: sqlite.prepare<[], number>('SELECT id FROM ended_session ORDER BY id DESC LIMIT 1').pluck(),
    endsAfter: sqlite.prepare<[number], SessionEnd>(
      'SELECT id, sid FROM ended_session WHERE id > ? ORDER BY id LIMIT 500',
    ),
    findPast: sqlite.prepare<[PurgeTimes]>(
      `SELECT 1 WHERE EXISTS (SELECT 1 FROM app_session WHERE ends_at <= :now)
         OR EXISTS (SELECT 1 FROM logout_token WHERE received_at <= :forgetUntil)
         OR EXISTS (SELECT 1 FROM ended_session WHERE ended_at <= :forgetUntil)
         OR EXISTS (SELECT 1 FROM replaced_session WHERE replaced_at <= :forgetUntil)
         OR EXISTS (SELECT 1 FROM site_sign_out WHERE ends_at <= :forgetUntil)`,
    ),
  };
}
