/**
 * App sessions: started by a redeemed token, found by the cookie's secret, ended by sign-out or time. An
 * app session lives for a fixed time and never past its SSO session's latest end; what ran out is renewed
 * by steps 2 to 4, without a word.
 */
import type { Account } from '@samesite-sso/protocol';
import { type Database, hashSecret, newSecret } from '@samesite-sso/service';

export const MIGRATIONS = [
  `
  CREATE TABLE app_session (
    secret_hash BLOB NOT NULL UNIQUE,
    sid TEXT NOT NULL,
    account_id TEXT NOT NULL,
    username TEXT NOT NULL,
    display_name TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX app_session_by_end ON app_session (ends_at);
  `,
];

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
   * Starts a session under a new secret, and ends the one whose secret came along, both or neither.
   *
   * @param ssoEndsAt when the SSO session ends at the latest
   * @returns the new secret and the seconds it lives
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
    await this.#database.run(() => this.#statements.start(row, replaced));
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

  /** Forgets sessions whose time is over. */
  async sweep(): Promise<void> {
    await this.#database.run(() => void this.#statements.sweep.run(this.#clock()));
  }
}

function prepare({ sqlite }: Database) {
  const insert = sqlite.prepare(
    `INSERT INTO app_session (secret_hash, sid, account_id, username, display_name, started_at, ends_at)
     VALUES (:secretHash, :sid, :id, :username, :displayName, :startedAt, :endsAt)`,
  );
  const end = sqlite.prepare('DELETE FROM app_session WHERE secret_hash = ?');
  const start = sqlite.transaction((row: SessionRow & { secretHash: Buffer }, replaced: Buffer | null) => {
    if (replaced !== null) end.run(replaced);
    insert.run(row);
  });
  return {
    start: start.immediate,
    find: sqlite.prepare<[Buffer, number], SessionRow>(
      `SELECT account_id AS id, username, display_name AS displayName, sid,
         started_at AS startedAt, ends_at AS endsAt
       FROM app_session WHERE secret_hash = ? AND ends_at > ?`,
    ),
    end,
    sweep: sqlite.prepare('DELETE FROM app_session WHERE ends_at <= ?'),
  };
}
