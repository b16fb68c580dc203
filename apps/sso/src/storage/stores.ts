/**
 * Everything the SSO service stores, as narrow interfaces. Their comments are guarantees: they hold under any
 * number of parallel callers and across restarts, and every backend passes the conformance tests in
 * `contract/`. Times are milliseconds since the epoch. Every function may throw `HttpProblem` `unavailable`.
 * Work on an unbounded number of rows is split into slices of a few milliseconds and at most 250 rows, and
 * the caller starts each slice. Only all sessions of one account, at most 1,000, end in one transaction.
 */
import type { SealingKeys } from '@samesite-sso/core';
import type { AccountStore } from './account-store.ts';
import type { AuditStore } from './audit-store.ts';
import type { ClientAssertionStore } from './client-assertion-store.ts';
import type { FactorStore } from './factor-store.ts';
import type { GroupStore } from './group-store.ts';
import type { InvitationStore } from './invitation-store.ts';
import type { LoginFailureStore } from './login-failure-store.ts';
import type { LogoutNoticeStore } from './logout-notice-store.ts';
import type { PasskeyStore } from './passkey-store.ts';
import type { RegistryStore } from './registry-store.ts';
import type { ServiceSecretStore } from './service-secret-store.ts';
import type { SessionStore } from './session-store.ts';
import type { OpenSigningKeys } from './signing-keys.ts';
import type { TokenStore } from './token-store.ts';

export type * from './account-store.ts';
export type * from './audit-store.ts';
export type * from './client-assertion-store.ts';
export type * from './factor-store.ts';
export type * from './group-store.ts';
export type * from './invitation-store.ts';
export type * from './login-failure-store.ts';
export type * from './logout-notice-store.ts';
export type * from './pages.ts';
export type * from './passkey-store.ts';
export type * from './registry-store.ts';
export type * from './service-secret-store.ts';
export type * from './session-store.ts';
export type * from './token-store.ts';

export interface Stores {
  accounts: AccountStore;
  sessions: SessionStore;
  tokens: TokenStore;
  logoutNotices: LogoutNoticeStore;
  clientAssertions: ClientAssertionStore;
  loginFailures: LoginFailureStore;
  groups: GroupStore;
  factors: FactorStore;
  passkeys: PasskeyStore;
  invitations: InvitationStore;
  serviceSecrets: ServiceSecretStore;
  audit: AuditStore;
  registry: RegistryStore;
  /** The keys that the service signs with. */
  signingKeys: OpenSigningKeys;
  /**
   * Purges expired rows and old audit records in one slice. Sessions aren't purged: they end.
   *
   * @returns whether there may be more rows to purge
   */
  purgeExpired(before: { now: number; failuresSince: number; auditSince: number }): Promise<boolean>;
  /** Whether the database can be read, can be written if the last write failed, and has the same time. */
  isReady(): Promise<boolean>;
  /** Makes a write that changes nothing. @returns false if it fails; then {@link isReady} tries one, too */
  tryWrite(): Promise<boolean>;
  /** Resolves once no connection is open. */
  close(): Promise<void>;
}

export interface StoresOptions {
  /** Needed by the signing keys in a PostgreSQL database, and by nothing else. */
  sealing?: SealingKeys | null;
  /** Milliseconds since the epoch. */
  clock?: () => number;
  /** Receives what an operator should know while the stores are open. */
  warn?: (message: string) => void;
  /** Whether the process serves requests, so that connections to a server are opened in advance. */
  isServing?: boolean;
}
