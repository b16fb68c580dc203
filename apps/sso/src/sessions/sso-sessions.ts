/**
 * SSO sessions: started by a login, found by the cookie's secret, ended by whatever ends them. It owns their
 * lifetimes; how they are kept is the store's.
 */
import { randomUUID } from 'node:crypto';
import { createSessionToken, sha256 } from '@samesite-sso/core';
import type { VerifiedLogin } from '../accounts/login.ts';
import type { AuditContext, ListedSession, LivingAt, SessionStore, SsoSession } from '../storage/stores.ts';
import type { Client } from './client.ts';
import { describeDevice } from './device.ts';

export interface SessionLifetimes {
  sessionIdleSeconds: number;
  sessionMaxSeconds: number;
}

/** What a cookie is made of. */
export interface StartedSession {
  secret: string;
  maxAgeSeconds: number;
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
   * @returns the new secret and the seconds it can live; null when the account was disabled, or its password
   *   changed, while this login was under way
   */
  async start(
    { account, passwordVersion }: VerifiedLogin,
    replacedSecret: string | null,
    { address, userAgent }: Client,
  ): Promise<StartedSession | null> {
    const secret = createSessionToken();
    const context = this.#byPerson(address);
    const isStarted = await this.#store.start(
      {
        sid: randomUUID(),
        tokenHash: sha256(secret),
        accountId: account.id,
        passwordVersion,
        endsAt: context.at + this.#max,
        userAgent,
        device: describeDevice(userAgent),
      },
      replacedSecret === null ? null : sha256(replacedSecret),
      context,
    );
    return isStarted ? { secret, maxAgeSeconds: this.#max / 1000 } : null;
  }

  /** Finds the living session of a secret, and counts that as use. */
  async use(secret: string | null): Promise<SsoSession | null> {
    if (secret === null) return null;
    const session = this.#living(await this.#store.find(sha256(secret)));
    const now = this.#clock();
    if (session !== null && now - session.lastSeenAt >= this.#seenGrain)
      await this.#store.touch(session.sid, now);
    return session;
  }

  /**
   * A session and those of its account that were seen last; only living ones.
   *
   * @returns at most `limit` of them, `own` first, and how many there are in all: 0 if `own` has ended
   */
  async newest(own: SsoSession, limit: number): Promise<{ sessions: ListedSession[]; count: number }> {
    return await this.#store.newest({ sid: own.sid, accountId: own.account.id }, this.#livingAt, limit);
  }

  /** Ends the session of a secret: its person signs out. */
  async signOut(secret: string, { address }: Client): Promise<void> {
    await this.#store.end({ tokenHash: sha256(secret) }, 'signed out', this.#byPerson(address));
  }

  /**
   * Ends a session on behalf of its person, who signs out at an app, if that app has redeemed a token of it.
   */
  async signOutAt(app: string, sid: string, address: string): Promise<void> {
    const context: AuditContext = { at: this.#clock(), actor: app, address };
    await this.#store.end({ sid, redeemedBy: app }, 'signed out', context);
  }

  /**
   * Ends sessions of a person from another of theirs.
   *
   * @returns how many there were
   */
  async endOf(
    accountId: string,
    which: { sids: readonly string[] } | { exceptSid: string },
    { address }: Client,
  ): Promise<number> {
    return await this.#store.end(
      { ...which, accountId },
      'ended on the account page',
      this.#byPerson(address),
    );
  }

  /** Ends sessions whose time is over, in one slice, so that the apps hear of it. @returns how many */
  async endOverdue(): Promise<number> {
    return await this.#store.endOverdue(this.#livingAt);
  }

  get #livingAt(): LivingAt {
    return { now: this.#clock(), idleSince: this.idleSince };
  }

  #byPerson(address: string): AuditContext {
    return { at: this.#clock(), actor: 'person', address };
  }

  #living<Session extends SsoSession>(session: Session | null): Session | null {
    if (session === null) return null;
    return session.endsAt > this.#clock() && session.lastSeenAt > this.idleSince ? session : null;
  }
}
