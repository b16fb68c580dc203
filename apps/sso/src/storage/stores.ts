/**
 * What the SSO service keeps, as narrow interfaces whose comments are guarantees. A guarantee holds under
 * any number of parallel callers and across restarts; `store-contract.ts` puts every backend to the test.
 * Times are milliseconds since the epoch. Every function may refuse with `unavailable`.
 */
import type { Account } from '@samesite-sso/protocol';

export interface Stores {
  accounts: AccountStore;
  sessions: SessionStore;
  tokens: TokenStore;
  clientAssertions: ClientAssertionStore;
  loginFailures: LoginFailureStore;
  /** Forgets what no request can ask for any more. */
  sweep(before: { now: number; idleSince: number; failuresSince: number }): Promise<void>;
  isReady(): boolean;
  close(): void;
}

export interface AccountStore {
  /** @returns false, and changes nothing, when an account of that name's key exists */
  add(account: Account & { usernameKey: string; passwordHash: string; createdAt: number }): Promise<boolean>;
  findByUsernameKey(usernameKey: string): Promise<(Account & { passwordHash: string }) | null>;
  /** Replaces a hash by a stronger one of the same password, unless it was changed meanwhile. */
  rehash(accountId: string, oldHash: string, newHash: string): Promise<void>;
  /** All accounts, by username. */
  list(): Promise<(Account & { createdAt: number })[]>;
}

export interface SsoSession {
  /** SSO session id: its public name. */
  sid: string;
  account: Account;
  lastSeenAt: number;
  /** When it ends at the latest. */
  endsAt: number;
}

export interface SessionStore {
  /** Starts a session, and ends the one it replaces, both or neither. */
  start(
    session: { sid: string; secretHash: Buffer; accountId: string; startedAt: number; endsAt: number },
    replacedSecretHash: Buffer | null,
  ): Promise<void>;
  /** A session as it is stored, even if its time is over: lifetimes are the caller's. */
  find(secretHash: Buffer): Promise<SsoSession | null>;
  findBySid(sid: string): Promise<SsoSession | null>;
  /** Notes that a session was used; never moves backwards. */
  touch(sid: string, at: number): Promise<void>;
  /** Ends a session and makes every token of it worthless. */
  end(secretHash: Buffer): Promise<void>;
}

export interface TokenStore {
  /** @returns false, and stores nothing, when the SSO session is there no longer */
  issue(token: { hash: Buffer; app: string; sid: string; expiresAt: number }): Promise<boolean>;
  /**
   * Spends a token. Of any number of callers, in any number of processes, at most one ever gets the SSO
   * session id; all others get null, as does everyone for a token that is unknown, expired, another
   * app's, or of an SSO session that has ended or was last seen before `idleSince`.
   */
  redeem(hash: Buffer, app: string, at: { now: number; idleSince: number }): Promise<string | null>;
}

export interface ClientAssertionStore {
  /** @returns true for the first caller with this app's `jti`, false for every other until it expires */
  accept(app: string, jti: string, expiresAt: number): Promise<boolean>;
}

export interface FailureLimits {
  windowMilliseconds: number;
  /** For one account from one address. */
  perAccount: number;
  /** From one address, whatever the account. */
  perAddress: number;
}

export interface LoginFailureStore {
  /** @returns until when this account is throttled from this address, or null */
  throttledUntil(
    usernameHash: Buffer,
    address: string,
    now: number,
    limits: FailureLimits,
  ): Promise<number | null>;
  /**
   * Counts a failure, unless a limit is reached: however many failures come in at once, no more than the
   * limit are ever counted, and the callers beyond it learn that they are throttled.
   *
   * @returns until when the caller is throttled, with nothing counted, or null
   */
  add(usernameHash: Buffer, address: string, now: number, limits: FailureLimits): Promise<number | null>;
}
