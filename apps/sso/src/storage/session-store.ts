/** SSO sessions, from their start to their end. */
import type { Account, AuthenticationMethods } from '@samesite-sso/protocol';
import type { AuditContext, EndReason } from './audit-store.ts';
import type { Pages } from './pages.ts';
import type { AppRequirement } from './registry-store.ts';

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
  /** When the person last signed in, and how: both are about the same sign-in. */
  authenticatedAt: number;
  amr: AuthenticationMethods;
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
  proof: SignInProof;
  endsAt: number;
  userAgent: string;
  device: string;
}

/** The version of the password that was verified. */
interface VerifiedPassword {
  passwordVersion: number;
}

/**
 * What was verified at a sign-in. `start` consumes what works once, in its transaction: a code, or the
 * challenge that a passkey signed.
 */
export type SignInProof =
  | ({ kind: 'password' } & VerifiedPassword)
  /**
   * The time step of a code (RFC 6238, section 4), and the sealed secret of the authenticator app that shows
   * it.
   */
  | ({ kind: 'authenticator'; step: number; sealedSecret: string } & VerifiedPassword)
  | ({ kind: 'recovery code'; hash: Buffer } & VerifiedPassword)
  | { kind: 'passkey'; credentialId: string; counter: number; challenge: SpentChallenge };

/** How long spent challenges are remembered after they expire, in case clocks differ or are set back. */
export const CHALLENGE_MARGIN_MS = 3_600_000;

/** A challenge whose response was verified: no other response may use it. */
export interface SpentChallenge {
  /** The SHA-256 of the challenge. */
  hash: Buffer;
  expiresAt: number;
}

/** Why a sign-in that was verified starts no session. */
export type StartRefusal =
  /**
   * The account was removed or disabled, its password has changed, an authenticator app was added, or the
   * factor was removed.
   */
  | 'account changed'
  /**
   * The code or one of a later time step has been used, or its authenticator app or the recovery codes were
   * replaced.
   */
  | 'code used'
  | 'challenge spent'
  /** The passkey's counter didn't rise, although it isn't always 0 (WebAuthn Level 3, section 6.1.1). */
  | 'counter not higher';

/** Selects sessions. */
export type SessionChoice =
  /** The token that the session has, or had before its latest renewal. */
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
   * Records a sign-in, in one transaction that also consumes the proof.
   *
   * If the cookie that came with it, `presentedTokenHash`, is of an active session of the same account, that
   * session goes on: it keeps its `sid`, its start and its latest end, gets the new token, client, time and
   * methods of authentication, and no app hears of it. Otherwise a session starts, and the presented one
   * ends. The cookie may also have the token that the latest renewal of the session replaced. An account
   * keeps its 1,000 most recently used sessions; the others end.
   *
   * A password alone signs nobody in to an account that has an authenticator app.
   *
   * @param idleSince sessions last seen at or before this have expired
   * @returns the session's `sid` and latest end; or why none started, with nothing changed: the caller counts
   *   and records that
   */
  start(
    session: NewSession,
    presentedTokenHash: Buffer | null,
    idleSince: number,
    context: AuditContext,
  ): Promise<{ sid: string; endsAt: number } | { refusal: StartRefusal }>;
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
   * gets one logout notice for it, like those of sessions that somebody ended. Tokens that the app has yet
   * to redeem stay valid, and a token issued in a later second than the last one gives it access again.
   *
   * @returns how many sessions it concerned; 0 if the app has access to none
   */
  endAtApp(app: string, context: AuditContext): Promise<number>;
  /**
   * Ends one app's access, as `endAtApp` does, to those of its sessions that don't meet what it requires, in
   * slices. Where it has redeemed a token of a sign-in with one factor, a later sign-in with two doesn't
   * count: an app session of the first may go on. Each slice yields how many sessions it concerned. It may
   * miss a session for which the app gets a token meanwhile, but that one had to meet the requirement.
   */
  endExcluded(app: string, required: AppRequirement, context: AuditContext): AsyncIterable<number>;
  /**
   * Ends expired sessions in one slice, the longest expired first. Those that another process is using or
   * ending at this moment are left for a later slice.
   *
   * @returns how many
   */
  endExpired(expiry: ExpiryTimes): Promise<number>;
}
