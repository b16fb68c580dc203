/**
 * SSO sessions: started by a login, found by the session token in the cookie, ended by a logout or by time.
 * Owns their lifetimes; `../storage/session-store.ts` keeps them.
 */
import { randomUUIDv7 } from 'node:crypto';
import { createSessionToken, type SessionCookie, sha256 } from '@samesite-sso/core';
import type {
  AuditContext,
  Credentials,
  ExpiryTimes,
  ListedSession,
  SessionStore,
  SsoSession,
} from '../storage/stores.ts';
import type { Client } from './client.ts';
import { describeDevice } from './device.ts';

/** How far `lastSeenAt` may lag behind, so that few requests write. */
const MAX_TOUCH_INTERVAL_MS = 60_000;

/** The dependencies of a route that finds the session of a request. */
export interface SessionDependencies {
  cookie: SessionCookie;
  sessions: SsoSessions;
}

/** The session cookie's value and lifetime. */
export interface StartedSession {
  token: string;
  maxAgeSeconds: number;
}

export class SsoSessions {
  readonly #store: SessionStore;
  readonly #clock: () => number;
  readonly #idleMs: number;
  readonly #maxMs: number;
  readonly #touchIntervalMs: number;

  constructor(
    store: SessionStore,
    clock: () => number,
    { sessionIdleSeconds, sessionMaxSeconds }: { sessionIdleSeconds: number; sessionMaxSeconds: number },
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#idleMs = sessionIdleSeconds * 1000;
    this.#maxMs = sessionMaxSeconds * 1000;
    this.#touchIntervalMs = Math.min(MAX_TOUCH_INTERVAL_MS, this.#idleMs / 20);
  }

  /** Sessions last seen at or before this have expired. */
  get idleSince(): number {
    return this.#clock() - this.#idleMs;
  }

  /**
   * Starts a session, always under a new token: an attacker may have planted the cookie that came with the
   * login (session fixation; OWASP ASVS 5, 7.2.4).
   *
   * @param replacedToken the token in that cookie; its session ends
   * @returns null if the account was disabled, or its password changed, during the login
   */
  async start(
    { account, passwordVersion }: Pick<Credentials, 'account' | 'passwordVersion'>,
    replacedToken: string | null,
    { address, userAgent }: Client,
  ): Promise<StartedSession | null> {
    const token = createSessionToken();
    const context = this.#byPerson(address);
    const isStarted = await this.#store.start(
      {
        // A version 7 UUID begins with the time (RFC 9562), so sessions that start together are neighbors in
        // every index of `sid`. With a million sessions, ending them writes a third as many pages. A `sid`
        // isn't a secret.
        sid: randomUUIDv7(),
        tokenHash: sha256(token),
        accountId: account.id,
        passwordVersion,
        endsAt: context.at + this.#maxMs,
        userAgent,
        device: describeDevice(userAgent),
      },
      replacedToken === null ? null : sha256(replacedToken),
      context,
    );
    return isStarted ? { token, maxAgeSeconds: this.#maxMs / 1000 } : null;
  }

  /** Finds the active session of a token, and counts that as use. */
  async use(token: string | null): Promise<SsoSession | null> {
    if (token === null) return null;
    const session = await this.#store.find(sha256(token));
    const { now, idleSince } = this.#expiryTimes;
    if (session === null || session.endsAt <= now || session.lastSeenAt <= idleSince) return null;
    if (now - session.lastSeenAt >= this.#touchIntervalMs) await this.#store.touch(session.sid, now);
    return session;
  }

  /**
   * The account's active sessions: first `own`, then the most recently used.
   *
   * @returns at most `limit` sessions, and the number of all active ones: 0 if `own` has ended
   */
  async newest(own: SsoSession, limit: number): Promise<{ sessions: ListedSession[]; count: number }> {
    return await this.#store.newest({ sid: own.sid, accountId: own.account.id }, this.#expiryTimes, limit);
  }

  async signOut(token: string, address: string): Promise<void> {
    await this.#store.end({ tokenHash: sha256(token) }, 'signed out', this.#byPerson(address));
  }

  /** Ends a session for a person who signs out at an app, if that app has redeemed a token from it. */
  async signOutAt(appOrigin: string, sid: string, address: string): Promise<void> {
    const context: AuditContext = { at: this.#clock(), actor: appOrigin, address };
    await this.#store.end({ sid, redeemedBy: appOrigin }, 'signed out', context);
  }

  /** Ends sessions of an account on behalf of its person. @returns how many */
  async endOwn(
    accountId: string,
    choice: { sids: readonly string[] } | { exceptSid: string },
    address: string,
  ): Promise<number> {
    const context = this.#byPerson(address);
    return await this.#store.end({ ...choice, accountId }, 'ended on the account page', context);
  }

  /** Ends expired sessions in one slice, so that their apps are notified. @returns how many */
  async endExpired(): Promise<number> {
    return await this.#store.endExpired(this.#expiryTimes);
  }

  get #expiryTimes(): ExpiryTimes {
    return { now: this.#clock(), idleSince: this.idleSince };
  }

  #byPerson(address: string): AuditContext {
    return { at: this.#clock(), actor: 'person', address };
  }
}
