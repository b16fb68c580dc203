/** SSO sessions, from their start to their end. */
import type { Account } from '@samesite-sso/protocol';
import type { AuditContext, EndReason } from './audit-store.ts';
import type { Pages } from './pages.ts';

/** Deliver notices until this long after `endsAt`: the app's clock may be slow, or the app restarting. */
export const NOTICE_GRACE_MS = 60_000;
/** All sessions of an account end in one transaction, which other writes wait for. */
export const MAX_SESSIONS_PER_ACCOUNT = 1000;
/** Reasons that are a matter of time: no person waits for the notices of such sessions. */
export const EXPIRY_REASONS: readonly EndReason[] = ['idle timeout', 'maximum lifetime'];

export interface SsoSession {
  /** SSO session id: public, unlike the session token in the cookie. */
  sid: string;
  account: Account;
  lastSeenAt: number;
  /** The session ends then at the latest. */
  endsAt: number;
}

/** A session with the details that its person and operators see. */
export interface ListedSession extends SsoSession {
  startedAt: number;
  /** The IP address of the sign-in. */
  address: string | null;
  /** The browser's `User-Agent` at the sign-in, or an empty string. */
  userAgent: string;
  /** The browser and system, such as `Firefox on Linux`; null if the session is older than this column. */
  device: string | null;
  /** Origins of the apps that got a token from it, the first app first. */
  apps: string[];
}

export interface NewSession {
  sid: string;
  tokenHash: Buffer;
  accountId: string;
  /** The version of the password that was verified. */
  passwordVersion: number;
  endsAt: number;
  userAgent: string;
  device: string;
}

/** Selects sessions. */
export type SessionChoice =
  | { tokenHash: Buffer }
  /** With an account, only sessions of that account. */
  | { sids: readonly string[]; accountId?: string }
  /** Only if this app has redeemed a token from the session. */
  | { sid: string; redeemedBy: string }
  | { accountId: string; exceptSid?: string };

/** The times that decide whether a session is active or has expired. */
export interface ExpiryTimes {
  now: number;
  /** Sessions last seen at or before this have expired. */
  idleSince: number;
}

/**
 * However a session ends, its tokens become invalid and each app that got a token from it gets one logout
 * notice, all in one transaction.
 */
export interface SessionStore {
  /**
   * Starts a session and ends the one it replaces, in one transaction. An account keeps its 1,000 most
   * recently used sessions; the others end.
   *
   * @returns false, with only a failed login recorded, if the account was removed or disabled or its password
   *   has changed
   */
  start(session: NewSession, replacedTokenHash: Buffer | null, context: AuditContext): Promise<boolean>;
  /** Returns expired sessions too: the caller applies the lifetimes. */
  find(tokenHash: Buffer): Promise<SsoSession | null>;
  findBySid(sid: string): Promise<SsoSession | null>;
  /**
   * The sessions of one account, or of all accounts, most recently used first. A session that is used after
   * the first page was read moves to the front, so later pages may miss it.
   */
  pages(accountId?: string): Pages<ListedSession>;
  /**
   * One account's active sessions in one consistent read: first `own`, then the most recently used.
   *
   * @returns at most `limit` sessions, and the number of all active ones; none if `own` has ended
   */
  newest(
    own: { sid: string; accountId: string },
    expiry: ExpiryTimes,
    limit: number,
  ): Promise<{ sessions: ListedSession[]; count: number }>;
  /** Records that a session was used. Never moves `lastSeenAt` backwards. */
  touch(sid: string, at: number): Promise<void>;
  /** Ends all chosen sessions or none. @returns how many; each session is counted for exactly one caller */
  end(choice: SessionChoice, reason: EndReason, context: AuditContext): Promise<number>;
  /**
   * Ends every session that exists when it is called, for a process that serves no requests: in slices of at
   * most 250, between which the service's own writes come in. Each slice is one transaction and yields how
   * many sessions it ended. If a slice fails, the sessions of earlier slices stay ended.
   */
  endAll(reason: EndReason, context: AuditContext): AsyncIterable<number>;
  /**
   * Ends one app's access to sessions that go on, in one slice: each loses the app from its list, and the app
   * gets one logout notice for it, after those of sessions that somebody ended. Tokens that the app has yet
   * to redeem stay valid, and a token issued later gives it access again.
   *
   * @returns how many sessions it concerned; 0 if the app has access to none
   */
  endAtApp(app: string, context: AuditContext): Promise<number>;
  /**
   * Ends expired sessions in one slice, the longest expired first. Those that another process is using or
   * ending at this moment are left for a later slice.
   *
   * @returns how many
   */
  endExpired(expiry: ExpiryTimes): Promise<number>;
}
