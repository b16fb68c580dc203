/**
 * Everything the SSO service stores, as narrow interfaces. Their comments are guarantees: they hold under any
 * number of parallel callers and across restarts, and every backend passes the conformance tests in
 * `contract/`. Times are milliseconds since the epoch. Every function may throw `HttpProblem` `unavailable`.
 * Work on an unbounded number of rows is split into slices of a few milliseconds and at most 250 rows, and
 * the caller starts each slice. Only all sessions of one account, at most 1,000, end in one transaction.
 */
import type { AccountStore } from './account-store.ts';
import type { AuditStore } from './audit-store.ts';
import type { ClientAssertionStore } from './client-assertion-store.ts';
import type { LoginFailureStore } from './login-failure-store.ts';
import type { LogoutNoticeStore, SessionStore } from './session-store.ts';
import type { TokenStore } from './token-store.ts';

export type * from './account-store.ts';
export type * from './audit-store.ts';
export type * from './client-assertion-store.ts';
export type * from './login-failure-store.ts';
export type * from './pages.ts';
export type * from './session-store.ts';
export type * from './token-store.ts';

export interface Stores {
  accounts: AccountStore;
  sessions: SessionStore;
  tokens: TokenStore;
  logoutNotices: LogoutNoticeStore;
  clientAssertions: ClientAssertionStore;
  loginFailures: LoginFailureStore;
  audit: AuditStore;
  loadedRegistry: LoadedRegistryStore;
  /**
   * Purges expired rows and old audit records in one slice. Sessions aren't purged: they end.
   *
   * @returns whether there may be more rows to purge
   */
  purgeExpired(before: { now: number; failuresSince: number; auditSince: number }): Promise<boolean>;
  /** Whether the database can be read, and written if the last write failed. */
  isReady(): Promise<boolean>;
  /** Makes a write that changes nothing. If it fails, {@link isReady} returns false from then on. */
  tryWrite(): Promise<void>;
  close(): void;
}

/** The apps that a running service has loaded, and when. */
export interface LoadedRegistry {
  apps: { origin: string; name: string; server: string }[];
  loadedAt: number;
}

export interface LoadedRegistryStore {
  /** Records what a service has loaded, and replaces the record of a service that started earlier. */
  record(instance: string, apps: Readonly<LoadedRegistry['apps']>, at: number): Promise<void>;
  /** Removes the record when that service stops, unless another one has started since. */
  clear(instance: string): Promise<void>;
  find(): Promise<LoadedRegistry | null>;
}
