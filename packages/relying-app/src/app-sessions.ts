/**
 * App sessions: started by a redeemed authentication token, found by the session token in the cookie, ended
 * by sign-out, by single logout or by expiry. An app session has a fixed lifetime and never outlives its SSO
 * session's latest end. The page renews an expired one silently by steps 2 to 4. The SQL is in
 * `app-session-store.ts`.
 */

import { createSessionToken, type Database, HttpProblem, sha256 } from '@samesite-sso/core';
import type { Account, LogoutTokenClaims } from '@samesite-sso/protocol';
import { type AppSessionStore, createAppSessionStore, type EndedSession } from './app-session-store.ts';

/**
 * How long logouts, ended sessions and replaced cookies are remembered. That is far longer than any step 4
 * takes, than the ten minutes within which one logout token is accepted, and than any process needs to read
 * that a session has ended.
 */
const END_RETENTION_MS = 3_600_000;

export interface AppSession {
  account: Account;
  /** The SSO session that it belongs to. */
  sid: string;
  /** Milliseconds since the epoch, as is `endsAt`. */
  startedAt: number;
  endsAt: number;
}

export class AppSessions {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #lifetimeMs: number;
  readonly #store: AppSessionStore;

  constructor(database: Database, clock: () => number, lifetimeSeconds: number) {
    this.#database = database;
    this.#clock = clock;
    this.#lifetimeMs = lifetimeSeconds * 1000;
    this.#store = createAppSessionStore(database);
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
    const isStarted = await this.#database.run(() => this.#store.start(row, replacedHash));
    if (!isStarted) {
      throw new HttpProblem('invalid-token', { logReason: 'its SSO session has been logged out' });
    }
    return { sessionToken, maxAgeSeconds: toWholeSeconds(endsAt - startedAt) };
  }

  /** The whole seconds until a live session ends, at least 1. */
  secondsLeft({ endsAt }: Pick<AppSession, 'endsAt'>): number {
    return toWholeSeconds(endsAt - this.#clock());
  }

  find(sessionToken: string | null): AppSession | null {
    if (sessionToken === null) return null;
    const row = this.#database.attempt(() => this.#store.find(sha256(sessionToken), this.#clock()));
    if (row === undefined) return null;
    const { id, username, displayName, ...session } = row;
    return { account: { id, username, displayName }, ...session };
  }

  async end(sessionToken: string): Promise<void> {
    await this.#database.run(() => this.#store.end(sha256(sessionToken), this.#clock()));
  }

  /**
   * Ends every app session of an SSO session, and keeps a running step 4 from starting another. Of all calls
   * with one `jti`, parallel or after a restart, exactly one has an effect.
   *
   * @returns whether this call had the effect
   */
  async endBySid({ sid, jti }: Pick<LogoutTokenClaims, 'sid' | 'jti'>): Promise<boolean> {
    const logout = { sid, jti, receivedAt: this.#clock() };
    return await this.#database.run(() => this.#store.endBySid(logout));
  }

  /**
   * Ends all app sessions of this session's SSO session and records the sign-out from the whole site, so that
   * this app starts no further session for that `sid` and `sign-out-delivery.ts` notifies the SSO service.
   * Also accepts a session token that a renewal has replaced within the last hour.
   *
   * @returns whether there was such a session
   */
  async signOutOfSite(sessionToken: string): Promise<boolean> {
    return await this.#database.run(() => this.#store.signOutOfSite(sha256(sessionToken), this.#clock()));
  }

  isSignedOutOfSite(sid: string): boolean {
    return this.#database.attempt(() => this.#store.isSignedOutOfSite(sid));
  }

  lastEndedId(): number {
    return this.#database.attempt(() => this.#store.lastEndedId());
  }

  /**
   * SSO sessions whose last app session has ended, recorded by any process on the database after the entry with
   * this id: a limited number, oldest first. Entries are kept for an hour.
   */
  endedAfter(id: number): EndedSession[] {
    return this.#database.attempt(() => this.#store.endedAfter(id));
  }

  /**
   * Ends expired sessions and deletes old records, a limited number of each.
   *
   * @returns whether there may be more
   */
  async purgeExpired(): Promise<boolean> {
    const now = this.#clock();
    const times = { now, keepAfter: now - END_RETENTION_MS };
    // Read first, so that a poll takes no write lock when nothing has expired.
    if (!this.#database.attempt(() => this.#store.hasExpired(times))) return false;
    await this.#database.run(() => this.#store.purgeExpired(times));
    return true;
  }
}

function toWholeSeconds(milliseconds: number): number {
  return Math.max(1, Math.floor(milliseconds / 1000));
}
