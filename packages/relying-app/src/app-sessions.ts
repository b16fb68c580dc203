/**
 * App sessions: started by a redeemed authentication token, found by the session token in the cookie, ended
 * by sign-out, by single logout or by expiry. An app session has a fixed lifetime and never outlives its SSO
 * session's latest end. The page renews an expired one silently through steps 2 to 4.
 */
import { createSessionToken, type Database, HttpProblem, sha256 } from '@samesite-sso/core';
import type { Account, LogoutTokenClaims } from '@samesite-sso/protocol';
import { prepareRecordEnded } from './ended-sessions.ts';

/**
 * App sessions that one SSO session, and so one browser, can have at this app. Beyond that, the oldest ends.
 * Without a limit, one logout could delete any number of rows at once and block all requests meanwhile.
 */
const MAX_SESSIONS_PER_SID = 1000;

export interface AppSession {
  account: Account;
  /** The SSO session that it belongs to. */
  sid: string;
  /** Milliseconds since the epoch, as is `endsAt`. */
  startedAt: number;
  endsAt: number;
}

interface SessionRow extends Account, Omit<AppSession, 'account'> {}

interface NewSessionRow extends SessionRow {
  tokenHash: Buffer;
  /** The latest end of the SSO session. */
  ssoEndsAt: number;
}

export class AppSessions {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #lifetimeMs: number;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: Database, clock: () => number, lifetimeSeconds: number) {
    this.#database = database;
    this.#clock = clock;
    this.#lifetimeMs = lifetimeSeconds * 1000;
    this.#statements = prepareStatements(database);
  }

  /**
   * In one transaction, starts a session under a new session token and ends the one whose token came with
   * the request. For the same SSO session that is a renewal. If a logout of the SSO session happens at the
   * same time, no session is left, in either order.
   *
   * @param ssoEndsAt the latest end of the SSO session
   * @throws {HttpProblem} `invalid-token` when the logout came first
   */
  async start(
    { account, sid, ssoEndsAt }: { account: Account; sid: string; ssoEndsAt: number },
    replacedSessionToken: string | null,
  ): Promise<{ sessionToken: string; maxAgeSeconds: number }> {
    const sessionToken = createSessionToken();
    const startedAt = this.#clock();
    const endsAt = Math.min(startedAt + this.#lifetimeMs, ssoEndsAt);
    const replacedHash = replacedSessionToken === null ? null : sha256(replacedSessionToken);
    const row = { tokenHash: sha256(sessionToken), sid, ...account, startedAt, endsAt, ssoEndsAt };
    const isStarted = await this.#database.write(() => this.#statements.start(row, replacedHash));
    if (!isStarted) {
      throw new HttpProblem('invalid-token', { logReason: 'its SSO session has been logged out' });
    }
    return { sessionToken, maxAgeSeconds: toWholeSeconds(endsAt - startedAt) };
  }

  /** The whole seconds until an active session ends, at least 1. */
  secondsLeft({ endsAt }: Pick<AppSession, 'endsAt'>): number {
    return toWholeSeconds(endsAt - this.#clock());
  }

  find(sessionToken: string | null): AppSession | null {
    if (sessionToken === null) return null;
    const row = this.#database.attempt(() => this.#statements.find.get(sha256(sessionToken), this.#clock()));
    if (row === undefined) return null;
    const { id, username, displayName, ...session } = row;
    return { account: { id, username, displayName }, ...session };
  }

  async end(sessionToken: string): Promise<void> {
    await this.#database.write(() => this.#statements.end(sha256(sessionToken), this.#clock()));
  }

  /**
   * Ends every app session of an SSO session, and keeps a running step 4 from starting another. Of all calls
   * with one `jti`, parallel or after a restart, exactly one has an effect.
   *
   * @returns whether this call had the effect
   */
  async endBySid({ sid, jti }: Pick<LogoutTokenClaims, 'sid' | 'jti'>): Promise<boolean> {
    const logout = { sid, jti, receivedAt: this.#clock() };
    return await this.#database.write(() => this.#statements.endBySid(logout));
  }

  /**
   * Ends all app sessions of this session's SSO session and records the sign-out from the whole site, so that
   * this app starts no further session for that `sid` and `sign-out-delivery.ts` notifies the SSO service.
   * Also accepts a session token that a renewal has replaced within the last hour.
   *
   * @returns whether there was such a session
   */
  async signOutOfSite(sessionToken: string): Promise<boolean> {
    const tokenHash = sha256(sessionToken);
    return await this.#database.write(() => this.#statements.signOutOfSite(tokenHash, this.#clock()));
  }

  isSignedOutOfSite(sid: string): boolean {
    return this.#database.attempt(() => this.#statements.findSiteSignOut.get(sid)) !== undefined;
  }
}

function toWholeSeconds(milliseconds: number): number {
  return Math.max(1, Math.floor(milliseconds / 1000));
}

function prepareStatements(database: Database) {
  const { sqlite } = database;
  const recordEnded = prepareRecordEnded(database);
  const deleteSession = sqlite
    .prepare<[Buffer], string>('DELETE FROM app_session WHERE secret_hash = ? RETURNING sid')
    .pluck();
  const end = (tokenHash: Buffer, now: number) => {
    const sid = deleteSession.get(tokenHash);
    if (sid !== undefined) recordEnded(sid, now);
  };
  const deleteAllOfSid = sqlite.prepare('DELETE FROM app_session WHERE sid = ?');
  const endAllOfSid = (sid: string, now: number) => {
    if (deleteAllOfSid.run(sid).changes > 0) recordEnded(sid, now);
  };

  const insertSession = sqlite.prepare(
    `INSERT INTO app_session
       (secret_hash, sid, account_id, username, display_name, started_at, ends_at, sso_ends_at)
     VALUES (:tokenHash, :sid, :id, :username, :displayName, :startedAt, :endsAt, :ssoEndsAt)`,
  );
  const deleteExcess = sqlite.prepare(
    `DELETE FROM app_session WHERE rowid IN
       (SELECT rowid FROM app_session WHERE sid = ?
        ORDER BY rowid DESC LIMIT -1 OFFSET ${MAX_SESSIONS_PER_SID})`,
  );
  const recordReplaced = sqlite.prepare(
    `INSERT INTO replaced_session
     SELECT secret_hash, sid, sso_ends_at, :now FROM app_session WHERE secret_hash = :tokenHash`,
  );
  const findLogout = sqlite.prepare('SELECT 1 FROM logout_token WHERE sid = ?');
  const findSiteSignOut = sqlite.prepare('SELECT 1 FROM site_sign_out WHERE sid = ?');
  const start = (row: NewSessionRow, replacedHash: Buffer | null) => {
    if ((findLogout.get(row.sid) ?? findSiteSignOut.get(row.sid)) !== undefined) return false;
    insertSession.run(row); // First, so that a renewal isn't recorded as the end of the SSO session.
    deleteExcess.run(row.sid);
    if (replacedHash !== null) {
      recordReplaced.run({ tokenHash: replacedHash, now: row.startedAt });
      end(replacedHash, row.startedAt);
    }
    return true;
  };

  const recordLogout = sqlite.prepare(
    `INSERT INTO logout_token (jti, sid, received_at) VALUES (:jti, :sid, :receivedAt)
     ON CONFLICT (jti) DO NOTHING`,
  );
  const endBySid = (logout: { jti: string; sid: string; receivedAt: number }) => {
    if (recordLogout.run(logout).changes === 0) return false;
    endAllOfSid(logout.sid, logout.receivedAt);
    return true;
  };

  const findSsoSession = sqlite.prepare<[{ tokenHash: Buffer }], { sid: string; ssoEndsAt: number }>(
    `SELECT sid, sso_ends_at AS ssoEndsAt FROM app_session WHERE secret_hash = :tokenHash
     UNION ALL SELECT sid, sso_ends_at FROM replaced_session WHERE secret_hash = :tokenHash`,
  );
  const recordSiteSignOut = sqlite.prepare(
    'INSERT INTO site_sign_out (sid, ends_at) VALUES (:sid, :ssoEndsAt) ON CONFLICT (sid) DO NOTHING',
  );
  const signOutOfSite = (tokenHash: Buffer, now: number) => {
    const ssoSession = findSsoSession.get({ tokenHash });
    if (ssoSession === undefined) return false;
    recordSiteSignOut.run(ssoSession);
    endAllOfSid(ssoSession.sid, now);
    return true;
  };

  return {
    start,
    find: sqlite.prepare<[Buffer, number], SessionRow>(
      `SELECT account_id AS id, username, display_name AS displayName, sid,
         started_at AS startedAt, ends_at AS endsAt
       FROM app_session WHERE secret_hash = ? AND ends_at > ?`,
    ),
    end,
    endBySid,
    signOutOfSite,
    findSiteSignOut,
  };
}
