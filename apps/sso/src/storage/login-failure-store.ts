/** Failed sign-ins, and the limits they reach. */
import type { AuditContext } from './audit-store.ts';
import type { Pages } from './pages.ts';

/** How many sign-ins from one network may fail within the window. */
export interface NetworkLimits {
  /** For one account. */
  maxFailuresPerAccount: number;
  /** For all accounts together. */
  maxFailures: number;
}

export interface FailureLimits {
  windowMs: number;
  /** The networks that the client's address belongs to. A failure counts for each of them. */
  networks: readonly (NetworkLimits & { name: string })[];
}

/** A limit that is reached and throttles sign-ins. */
export interface ReachedLimit {
  /** `account`: one account from one network; `address`: all accounts from one network. */
  of: 'account' | 'address';
  network: string;
  /** How many failures the limit allows. */
  maxFailures: number;
  /** When enough failures will have left the window. */
  until: number;
}

/** A reached limit with the details that operators see. */
export interface ListedLimit extends ReachedLimit {
  /** Null if the limit is for all accounts. */
  usernameHash: Buffer | null;
  /** The failures within the window. */
  failures: number;
}

/** A failure's part of its audit record. */
export interface FailureRecord {
  /** The account of that username, if it exists. */
  accountId: string | null;
  /** The session in which the password was asked for, if this isn't a sign-in. */
  sid?: string;
  /** Why it failed, if not by a wrong password at a sign-in. */
  detail?: string;
}

export interface LoginFailureStore {
  /**
   * Writes nothing.
   *
   * @returns the limit that throttles this account from these networks for longest, or null
   * @throws {HttpProblem} `unavailable` if a failure couldn't be counted now
   */
  findReached(usernameHash: Buffer, limits: FailureLimits, now: number): Promise<ReachedLimit | null>;
  /**
   * Counts a failure, unless a limit is reached. However many failures arrive in parallel, no more than the
   * limit are counted; the other callers are throttled.
   *
   * @returns the limit that throttles the caller, with nothing counted, or null
   */
  add(
    failure: FailureRecord & { usernameHash: Buffer },
    limits: FailureLimits,
    context: AuditContext,
  ): Promise<ReachedLimit | null>;
  /** All reached limits: first those of networks, then those of accounts. */
  pages(limitsOf: (network: string) => NetworkLimits, windowMs: number, now: number): Pages<ListedLimit>;
  /**
   * Deletes the failures that count for any of these networks, and those of an account from anywhere. Works
   * in slices, so that sign-ins don't wait. If a slice fails, repeating the call deletes the rest.
   *
   * @param record what was lifted, for the audit trail
   * @returns the number of failures at first, or 0 if another process has deleted them meanwhile
   */
  forget(
    choice: { networks?: readonly string[]; usernameHash?: Buffer },
    record: { accountId: string | null; detail: string },
    context: AuditContext,
  ): Promise<number>;
}
