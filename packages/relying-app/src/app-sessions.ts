/**
 * App sessions: started by a redeemed token, found by the cookie's secret, ended by sign-out, by single
 * logout or by time. An app session lives for a fixed time and never past its SSO session's latest end; what
 * ran out is renewed by steps 2 to 4, without a word.
 */
import type { Account, LogoutTokenClaims } from '@samesite-sso/protocol';
import { type Database, hashSecret, newSecret, Refusal } from '@samesite-sso/service';

/**
 * Milliseconds for which a logout is remembered: far longer than a step 4 can be under way, and than the ten
 * minutes for which one logout token can be accepted.
 */
const LOGOUT_MEMORY = 3_600_000;

export interface AppSession {
  account: Account;
  /** The SSO session it hangs on. */
  sid: string;
  /** Milliseconds since the epoch, as is `endsAt`. */
  startedAt: number;
  endsAt: number;
}

interface SessionRow {
  id: string;
  username: string;
  displayName: string;
  sid: string;
  startedAt: number;
  endsAt: number;
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
   * Starts a session under a new secret, and ends the one whose secret came along, both or neither. Where the
   * SSO session is logged out meanwhile, none remains, whichever comes first.
   *
   * @param ssoEndsAt when the SSO session ends at the latest
   * @returns the new secret and the seconds it lives
   * @throws {Refusal} `invalid-token` when the logout came first
   */
  async start(
    { account, sid, ssoEndsAt }: { account: Account; sid: string; ssoEndsAt: number },
    replacedSecret: string | null,
  ): Promise<{ secret: string; maxAgeSeconds: number }> {
    const secret = newSecret();
    const startedAt = this.#clock();
    const endsAt = Math.min(startedAt + this.#ttl, ssoEndsAt);
    const replaced = replacedSecret === null ? null : hashSecret(replacedSecret);
    const row = { secretHash: hashSecret(secret), sid, ...account, startedAt, endsAt };
    const isStarted = await this.#database.run(() => this.#statements.start(row, replaced));
    if (!isStarted) throw new Refusal('invalid-token', { detail: 'its SSO session has been logged out' });
    return { secret, maxAgeSeconds: Math.max(1, Math.floor((endsAt - startedAt) / 1000)) };
  }

  /** The living session of a secret, or null. */
  find(secret: string | null): AppSession | null {
    if (secret === null) return null;
    const row = this.#database.attempt(() => this.#statements.find.get(hashSecret(secret), this.#clock()));
    if (row === undefined) return null;
    const { id, username, displayName, ...session } = row;
    return { account: { id, username, displayName }, ...session };
  }

  async end(secret: string): Promise<void> {
    await this.#database.run(() => void this.#statements.end.run(hashSecret(secret)));
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

  /** Forgets sessions whose time is over, and logouts that nothing on its way can still undo. */
  async sweep(): Promise<void> {
    const now = this.#clock();
    await this.#database.run(() => {
      this.#statements.sweepSessions.run(now);
      this.#statements.sweepLogouts.run(now - LOGOUT_MEMORY);
    });
  }
}

function prepare({ sqlite }: Database) {
  const insert = sqlite.prepare(
    `INSERT INTO app_session (secret_hash, sid, account_id, username, display_name, started_at, ends_at)
     VALUES (:secretHash, :sid, :id, :username, :displayName, :startedAt, :endsAt)`,
  );
  const end = sqlite.prepare('DELETE FROM app_session WHERE secret_hash = ?');
  const hasEnded = sqlite.prepare('SELECT 1 FROM logout_token WHERE sid = ?');
  const start = sqlite.transaction((row: SessionRow & { secretHash: Buffer }, replaced: Buffer | null) => {
    if (hasEnded.get(row.sid) !== undefined) return false;
    if (replaced !== null) end.run(replaced);
    insert.run(row);
    return true;
  });
  const noteLogout = sqlite.prepare(
    `INSERT INTO logout_token (jti, sid, received_at) VALUES (:jti, :sid, :receivedAt)
     ON CONFLICT (jti) DO NOTHING`,
  );
  const endOfSid = sqlite.prepare('DELETE FROM app_session WHERE sid = ?');
  const endBySid = sqlite.transaction((logout: { jti: string; sid: string; receivedAt: number }) => {
    if (noteLogout.run(logout).changes === 0) return false;
    endOfSid.run(logout.sid);
    return true;
  });
  return {
    start: start.immediate,
    endBySid: endBySid.immediate,
    find: sqlite.prepare<[Buffer, number], SessionRow>(
      `SELECT account_id AS id, username, display_name AS displayName, sid,
         started_at AS startedAt, ends_at AS endsAt
       FROM app_session WHERE secret_hash = ? AND ends_at > ?`,
    ),
    end,
    sweepSessions: sqlite.prepare('DELETE FROM app_session WHERE ends_at <= ?'),
    sweepLogouts: sqlite.prepare('DELETE FROM logout_token WHERE received_at <= ?'),
  };
}
