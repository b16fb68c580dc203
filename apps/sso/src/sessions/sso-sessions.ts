/**
 * SSO sessions: started by a login, found by the session token in the cookie, ended by a logout or by time.
 * Owns their lifetimes; `../storage/session-store.ts` keeps them.
 */
import { randomUUIDv7 } from 'node:crypto';
import { createSessionToken, type SessionCookie, sha256 } from '@samesite-sso/core';
import type { Account } from '@samesite-sso/protocol';
import type {
  AuditContext,
  ExpiryTimes,
  InvitationStore,
  ListedSession,
  NewSession,
  SessionStore,
  SignInProof,
  SsoSession,
  StartRefusal,
} from '../storage/stores.ts';
import type { Client } from './client.ts';
import { describeDevice } from './device.ts';
import type { SignInRefusal } from './sign-in-refusals.ts';

/** How far `lastSeenAt` may lag behind, so that few requests write. */
const MAX_TOUCH_INTERVAL_MS = 60_000;

/** The dependencies of a route that finds the session of a request. */
export interface SessionDependencies {
  cookie: SessionCookie;
  sessions: SsoSessions;
}

/** An account, and the proof with which its person signs in. */
export interface VerifiedSignIn {
  account: Account;
  proof: SignInProof;
  /**
   * Refuses the sign-in like one whose proof is wrong, and counts and records that. Unlimited replays of a
   * right proof would fill the audit trail.
   *
   * @throws {HttpProblem}
   */
  refuse: (reason: SignInRefusal) => Promise<never>;
}

/** The session of a request, and the hash of the token that the request presented. */
export type UsedSession = SsoSession & { tokenHash: Buffer };

/** The session cookie's value and lifetime. */
export interface StartedSession {
  token: string;
  maxAgeSeconds: number;
}

export function toStartedSession(token: string, endsAt: number, now: number): StartedSession {
  return { token, maxAgeSeconds: Math.max(1, Math.floor((endsAt - now) / 1000)) };
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
   * Starts a session or, if the presented one belongs to the same account, renews it. Its token is new in any
   * case: an attacker may have planted the cookie that came with the sign-in (session fixation; OWASP ASVS 5,
   * 7.2.4). A renewed session ends when it would have ended before: apps have been told its latest end.
   *
   * @param presentedToken the token in that cookie; if its session isn't renewed, it ends
   * @returns why it doesn't start, if something changed since the verification
   */
  async start(
    { account, proof }: Pick<VerifiedSignIn, 'account' | 'proof'>,
    presentedToken: string | null,
    client: Client,
  ): Promise<StartedSession | { refusal: StartRefusal }> {
    const context = this.#byPerson(client.address);
    const { token, session } = this.#create(context, client);
    const started = await this.#store.start(
      { ...session, accountId: account.id, proof },
      presentedToken === null ? null : sha256(presentedToken),
      context.at - this.#idleMs,
      context,
    );
    if ('refusal' in started) return started;
    return toStartedSession(token, started.endsAt, context.at);
  }

  /**
   * Starts a session for a person who accepts an invitation. All earlier sessions of the account end, and so
   * does the presented one.
   *
   * @returns null if the invitation doesn't work any more
   */
  async startInvited(
    invitations: InvitationStore,
    invitation: { secretHash: Buffer; passwordHash: string },
    presentedToken: string | null,
    client: Client,
  ): Promise<StartedSession | null> {
    const context = this.#byPerson(client.address);
    const { token, session } = this.#create(context, client);
    const isAccepted = await invitations.accept(
      invitation.secretHash,
      invitation.passwordHash,
      session,
      presentedToken === null ? null : sha256(presentedToken),
      context,
    );
    return isAccepted ? toStartedSession(token, session.endsAt, context.at) : null;
  }

  #create(
    { at }: AuditContext,
    { userAgent }: Client,
  ): { token: string; session: Omit<NewSession, 'accountId' | 'proof'> } {
    const token = createSessionToken();
    const session = {
      // A version 7 UUID begins with the time (RFC 9562), so sessions that start together are neighbors in
      // every index of `sid`. With a million sessions, ending them writes a third as many pages. A `sid`
      // isn't a secret.
      sid: randomUUIDv7(),
      tokenHash: sha256(token),
      endsAt: at + this.#maxMs,
      userAgent,
      device: describeDevice(userAgent),
    };
    return { token, session };
  }

  /** Finds the active session of a token, and counts that as use. */
  async use(token: string | null): Promise<UsedSession | null> {
    if (token === null) return null;
    const tokenHash = sha256(token);
    const session = await this.#store.find(tokenHash);
    const { now, idleSince } = this.#expiryTimes;
    if (session === null || session.endsAt <= now || session.lastSeenAt <= idleSince) return null;
    if (now - session.lastSeenAt >= this.#touchIntervalMs) await this.#store.touch(session.sid, now);
    return { ...session, tokenHash };
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
