/**
 * SSO sessions: started by a login, found by the cookie's secret, ended by logout or time. It owns their
 * lifetimes; how they are kept is the store's.
 */
import { randomUUID } from 'node:crypto';
import { hashSecret, newSecret } from '@samesite-sso/service';
import type { SessionStore, SsoSession } from '../storage/stores.ts';

export interface SessionLifetimes {
  sessionIdleSeconds: number;
  sessionMaxSeconds: number;
}

export class SsoSessions {
  readonly #store: SessionStore;
  readonly #clock: () => number;
  readonly #idle: number;
  readonly #max: number;
  /** How old `lastSeenAt` may grow before use is noted: a minute, or less where sessions are shorter. */
  readonly #seenGrain: number;

  constructor(store: SessionStore, clock: () => number, lifetimes: SessionLifetimes) {
    this.#store = store;
    this.#clock = clock;
    this.#idle = lifetimes.sessionIdleSeconds * 1000;
    this.#max = lifetimes.sessionMaxSeconds * 1000;
    this.#seenGrain = Math.min(60_000, this.#idle / 20);
  }

  /** Sessions last seen at or before this have idled away. */
  get idleSince(): number {
    return this.#clock() - this.#idle;
  }

  /**
   * Starts a session under a new secret, whatever cookie came with the login: one that was planted
   * beforehand must never become somebody's session (OWASP ASVS 5, 7.2.4).
   *
   * @param replacedSecret the secret that came along; its session ends
   * @returns the new secret and the seconds it can live
   */
  async start(
    accountId: string,
    replacedSecret: string | null,
  ): Promise<{ secret: string; maxAgeSeconds: number }> {
    const secret = newSecret();
    const startedAt = this.#clock();
    await this.#store.start(
      {
        sid: randomUUID(),
        secretHash: hashSecret(secret),
        accountId,
        startedAt,
        endsAt: startedAt + this.#max,
      },
      replacedSecret === null ? null : hashSecret(replacedSecret),
    );
    return { secret, maxAgeSeconds: this.#max / 1000 };
  }

  /** Finds the living session of a secret, and counts that as use. */
  async use(secret: string | null): Promise<SsoSession | null> {
    if (secret === null) return null;
    const session = this.#living(await this.#store.find(hashSecret(secret)));
    const now = this.#clock();
    if (session !== null && now - session.lastSeenAt >= this.#seenGrain)
      await this.#store.touch(session.sid, now);
    return session;
  }

  /** Finds a living session by its public name. */
  async findBySid(sid: string): Promise<SsoSession | null> {
    return this.#living(await this.#store.findBySid(sid));
  }

  async end(secret: string): Promise<void> {
    await this.#store.end(hashSecret(secret));
  }

  #living(session: SsoSession | null): SsoSession | null {
    if (session === null) return null;
    return session.endsAt > this.#clock() && session.lastSeenAt > this.idleSince ? session : null;
  }
}
