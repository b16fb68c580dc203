/**
 * The notices to apps about sessions that have ended, and about access that they have lost. `SessionStore`
 * and `GroupStore.review` create them.
 */
import type { AuditContext } from './audit-store.ts';

/** Notifies one app of the end of an SSO session, or of its own access to it. */
export interface LogoutNotice {
  id: number;
  app: string;
  sid: string;
  accountId: string;
  /** The number of failed attempts so far. */
  attempts: number;
  /** When the app got its last token of this session, by the clock of the instance that issued it. */
  issuedAt: number;
}

/**
 * How long an app's queue is leased: longer than a request under the lease plus the difference between the
 * clocks of two instances.
 */
export const LEASE_MS = 10_000;

/**
 * Notices survive restarts. An app's queue is leased to one holder, the random id of a process, so that the
 * order of the notices and the pause of an app that fails hold for all instances together. The lease of a
 * holder that died or stalls ends by itself. A lease that would end more than twice {@link LEASE_MS} from now
 * is void, because the clock was set back.
 */
export interface LogoutNoticeStore {
  /** The apps that have due notices, unless another holder has leased their queue. Writes nothing. */
  appsDue(holder: string, now: number): Promise<string[]>;
  /**
   * Leases the app's queue to the holder for {@link LEASE_MS}, or prolongs the lease, if a notice is due.
   *
   * Notices of lost access, and of sessions that somebody ended, come first. Their accounts take turns:
   * between two notices of one account comes one of every other account that has any. Within an account, and
   * among the notices of expired sessions, the longest due come first. A notice that is due later than the
   * longest backoff is due now: the clock was set back.
   *
   * @returns the app's notices that are due; none while another holder has leased its queue
   */
  due(app: string, holder: string, now: number, limit: number): Promise<LogoutNotice[]>;
  /** Ends all leases of a holder that stops. */
  release(holder: string): Promise<void>;
  /** Removes notices that the app has received. */
  delivered(notices: readonly LogoutNotice[], context: AuditContext): Promise<void>;
  /**
   * Counts a failed attempt. The notice moves behind the others of its account, or, if its session expired,
   * behind those of other expired sessions.
   */
  postpone(notice: LogoutNotice, until: number): Promise<void>;
  /** Removes and returns notices whose app session must have expired by now, each for one caller. */
  giveUp(context: AuditContext): Promise<LogoutNotice[]>;
}
