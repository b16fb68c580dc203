/**
 * What an app stores, as narrow interfaces: its sessions, the sign-outs from the whole site that the SSO
 * service must be told of, and a log of the SSO sessions that have ended here. The plugin's option `database`
 * opens a store on SQLite or PostgreSQL. An app with its own passes it as `store`, and checks it with the
 * tests in `@samesite-sso/relying-app/store-contract`.
 *
 * The comments are guarantees. These hold for every function:
 *
 * - It is one transaction: it takes effect as a whole or not at all, and durably before its promise resolves.
 * - Any number of processes call it in parallel, each through a connection of its own. Every read sees all
 *   that was written before, by any process: nothing is cached.
 * - If the store can't be used now, it rejects within a second with an error that says why. The plugin
 *   responds 503 `unavailable` and logs the message.
 *
 * Times are milliseconds since the epoch. `now` comes from the clock of the calling process; the clocks of
 * two processes may differ by seconds. Texts are well-formed and contain no U+0000. A `tokenHash` is the
 * SHA-256 of a session token. The store never gets the token itself.
 */
import type { Account, AuthenticationMethods } from '@samesite-sso/protocol';

/** The app sessions that one SSO session, and so one browser, can have at this app. */
export const MAX_SESSIONS_PER_SID = 1000;

/**
 * How long the store remembers a logout, a replaced session and an entry of the log. It is far longer than
 * step 4 takes, than a logout token is valid, and than any process needs to report an end.
 */
export const RETENTION_MS = 3_600_000;

/** How long a claim lasts if its process dies before settling it: longer than a request takes. */
export const CLAIM_MS = 5000;

/** The most entries that `readAfter` returns at once: after an outage, many may wait to be read. */
export const MAX_BATCH_ROWS = 500;

export interface AppStore {
  readonly sessions: AppSessionStore;
  readonly signOuts: SiteSignOutStore;
  readonly endedSessions: EndedSessionLog;
  /** Whether the store can be read and, if a write has failed, written again. Never rejects. */
  isReady(): Promise<boolean>;
  /** The plugin calls it once, after all other calls have settled. */
  close(): Promise<void>;
}

export interface AppSession {
  account: Account;
  /** The SSO session that it belongs to. */
  sid: string;
  /** Milliseconds since the epoch, as are `endsAt` and `authenticatedAt`. */
  startedAt: number;
  endsAt: number;
  /** When the person last signed in, and how (RFC 8176): both are about the same sign-in. */
  authenticatedAt: number;
  amr: AuthenticationMethods;
  /** The groups of the account at the last step 4, sorted. */
  groups: string[];
}

/**
 * A session as the store returns it. A member is null if the session started before the store kept it. A
 * store that was written before these members existed lacks them: then `requireSession` can't be asked for a
 * recent sign-in, for two factors or for a group.
 */
export interface StoredAppSession extends Omit<AppSession, SignInMember> {
  authenticatedAt?: number | null;
  amr?: AuthenticationMethods | null;
  groups?: string[] | null;
}

type SignInMember = 'authenticatedAt' | 'amr' | 'groups';

export interface NewAppSession extends AppSession {
  tokenHash: Buffer;
  /** When the authentication token that starts the session was issued. */
  tokenIssuedAt: number;
  /** The latest end of the SSO session. */
  ssoEndsAt: number;
}

/** A verified logout token. */
export interface Logout {
  sid: string;
  /** The id of the logout token. */
  jti: string;
  /** When the logout token was issued. */
  issuedAt: number;
}

/**
 * App sessions. However the last one of an SSO session ends, the same transaction adds exactly one entry to
 * {@link AppStore.endedSessions}, even if the last two end in parallel.
 */
export interface AppSessionStore {
  /**
   * Starts a session, and ends the one with the hash `replaced` if there is one, expired or not. If both
   * belong to one SSO session, this is a renewal: the app session goes on under the new hash, with the
   * sign-in and the groups of the new one, and no end of the SSO session is recorded. Of each SSO session,
   * only the newest {@link MAX_SESSIONS_PER_SID} app sessions go on.
   *
   * Refuses if the person has signed out of the site, or if it remembers a logout of this `sid` that was
   * issued at or after `tokenIssuedAt`. If a sign-out or a logout runs at the same time, no session is left,
   * in either order. A token that was issued after the logout is accepted: the SSO service may permit
   * the person to use the app again.
   *
   * @returns false if it refuses; then nothing has changed
   */
  start(session: NewAppSession, replaced: Buffer | null): Promise<boolean>;
  /** Returns the session, or null once it has ended or `now` reaches `endsAt`. Use doesn't extend it. */
  find(tokenHash: Buffer, now: number): Promise<StoredAppSession | null>;
  /**
   * Ends the app sessions of an SSO session whose authentication tokens aren't newer than the logout: their
   * `tokenIssuedAt` isn't after it. A late logout thus spares a person whom the SSO service let in again.
   * Ends sessions with a `tokenIssuedAt` after `now`, too: the SSO service's clock was set back since, or is
   * ahead, and then the page renews the session. Remembers the logout for {@link RETENTION_MS}, so that a
   * step 4 under way can't start another. Of all calls with one `jti`, even with different `sid`s, exactly
   * one has an effect.
   *
   * @returns whether this call had the effect
   */
  endBySid(logout: Logout, now: number): Promise<boolean>;
  /**
   * Ends one session, expired or not. With the scope `site` it ends every app session of the same SSO session
   * and adds the SSO session to {@link AppStore.signOuts}, once. A sign-out may arrive with a cookie that a
   * renewal has just replaced, so this scope also accepts hashes of sessions that were replaced within
   * {@link RETENTION_MS}.
   *
   * @returns whether there was such a session
   */
  end(tokenHash: Buffer, scope: 'app' | 'site', now: number): Promise<boolean>;
  /**
   * Ends expired sessions, and deletes records that are {@link RETENTION_MS} old; a sign-out is deleted that
   * long after its SSO session is over. Each call works on a limited number of rows.
   *
   * @returns whether it changed anything. If so, there may be more.
   */
  purgeExpired(now: number): Promise<boolean>;
}

/** The sign-outs from the whole site that `end` has recorded, until the SSO service has been told. */
export interface SiteSignOutStore {
  /** Whether the person has signed out of the site in this SSO session, delivered or not. */
  has(sid: string): Promise<boolean>;
  /** Whether there is an undelivered sign-out, claimed or not, whose SSO session isn't over. */
  isPending(now: number): Promise<boolean>;
  /**
   * Claims undelivered sign-outs for {@link CLAIM_MS}, the least recently tried first. No other call returns
   * them meanwhile. A claim that still lasts for more than twice {@link CLAIM_MS} was made before the clock
   * was set back, and is void.
   *
   * @returns at most `limit` `sid`s
   */
  claim(limit: number, now: number): Promise<string[]>;
  /** Marks sign-outs as delivered, and releases the claims on those that failed. */
  settle(delivered: readonly string[], failed: readonly string[], now: number): Promise<void>;
}

/** The SSO sessions that have no app session left, for every process to report to its app. */
export interface EndedSessionLog {
  /** The position of the log's end. Every later entry comes after it. */
  position(): Promise<string>;
  /**
   * Reads the entries after a position, and returns the position after the last of them. Reading on until no
   * entry is left returns each one exactly once, even if its transaction is slow: its place in the log is
   * where it was committed.
   *
   * @returns at most {@link MAX_BATCH_ROWS} `sid`s
   */
  readAfter(position: string): Promise<{ sids: string[]; position: string }>;
}
