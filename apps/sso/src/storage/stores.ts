/**
 * What the SSO service keeps, as narrow interfaces whose comments are guarantees. A guarantee holds under
 * any number of parallel callers and across restarts; `store-contract.ts` puts every backend to the test.
 * Times are milliseconds since the epoch. Every function may refuse with `unavailable`. Work on any number of
 * rows is done in slices of a few milliseconds and at most 250 rows, and the caller decides when the next one
 * begins; the sessions of one account, a thousand at most, end all at once.
 */
import type { Account } from '@samesite-sso/protocol';
import type { AuditEvent, AuditFilter, AuditRecord, EndReason } from './audit-store.ts';

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
   * Purges what no request can ask for any more, in one slice. Sessions are never purged: they are ended.
   *
   * @returns whether there may be more
   */
  purgeExpired(before: { now: number; failuresSince: number; auditSince: number }): Promise<boolean>;
  /** Whether it can be read, and written if the last write failed. */
  isReady(): Promise<boolean>;
  /** Makes a write that changes nothing. If it fails, {@link isReady} returns false from then on. */
  tryWrite(): Promise<void>;
  close(): void;
}

/**
 * Who makes a change, when and from where. Every change that is somebody's takes one, and writes it to the
 * audit trail in the transaction that makes the change: no such change is without its record.
 */
export interface AuditContext {
  at: number;
  /** `person`, `service`, an app's origin, or `operator` and their name on the machine. */
  actor: string;
  /** The IP address that the request came from, where there was a request. */
  address: string | null;
}

/**
 * Rows in pages of a few hundred, so that memory and each read stay bounded however large the table is. No
 * read transaction stays open between two pages: it would keep SQLite from resetting its write-ahead log.
 */
export type Pages<Row> = AsyncIterable<Row[]>;

export interface NewAccount extends Account {
  /** What two spellings of one username have in common. */
  usernameKey: string;
  passwordHash: string;
  /** Whether another system made the hash. */
  isImported?: boolean;
}

/** An account as its operator sees it: without its hash. */
export interface StoredAccount extends Account {
  createdAt: number;
  disabledAt: number | null;
}

/** What a login is checked against. */
export interface Credentials {
  account: Account;
  passwordHash: string;
  /** Whether another system made the hash, perhaps of the password as typed rather than of its NFKC form. */
  isImported: boolean;
  /** Counts how often the password was set; a better hash of the same password leaves it as it is. */
  passwordVersion: number;
  isDisabled: boolean;
}

export interface AccountStore {
  /**
   * Adds accounts, all or none.
   *
   * @returns the indexes of those whose username another account has already; if there are any, none was added
   */
  add(accounts: readonly NewAccount[], context: AuditContext): Promise<number[]>;
  findCredentials(usernameKey: string): Promise<Credentials | null>;
  find(usernameKey: string): Promise<StoredAccount | null>;
  findById(accountId: string): Promise<StoredAccount | null>;
  /**
   * All accounts by username, in pages. An account that is renamed meanwhile may be missing, or appear twice.
   */
  pages(): Pages<StoredAccount>;
  /** @returns what stands against it, with nothing changed: another account has the username, or this one is gone */
  rename(account: Account & { usernameKey: string }, context: AuditContext): Promise<'taken' | 'gone' | null>;
  /** Replaces a hash with one of ours of the same password, unless it was changed meanwhile. */
  rehash(accountId: string, oldHash: string, newHash: string): Promise<void>;
  /**
   * Sets a password and ends the account's sessions, with their notices, both or neither.
   *
   * @param change `passwordVersion`: only if the password is still that one; `keep`: the one session that goes
   *   on, under a new secret
   * @returns how many sessions ended; null, with nothing changed, when the password was changed meanwhile or
   *   the session to keep has ended
   */
  setPassword(
    accountId: string,
    passwordHash: string,
    change: { passwordVersion?: number; keep?: { sid: string; tokenHash: Buffer } },
    context: AuditContext,
  ): Promise<number | null>;
  /** Disables an account and ends its sessions, both or neither. @returns how many ended; null if it was disabled */
  disable(accountId: string, context: AuditContext): Promise<number | null>;
  /** @returns false when it was not disabled */
  enable(accountId: string, context: AuditContext): Promise<boolean>;
  /** Removes an account and ends its sessions, both or neither. @returns how many ended; null if it is gone */
  remove(accountId: string, context: AuditContext): Promise<number | null>;
}

export interface SsoSession {
  /** SSO session id: its public name. */
  sid: string;
  account: Account;
  lastSeenAt: number;
  /** When it ends at the latest. */
  endsAt: number;
}

/** A session as its person or an operator sees it. */
export interface ListedSession extends SsoSession {
  startedAt: number;
  /** Where the login came from. */
  address: string | null;
  /** What the browser called itself at the login; empty if it said nothing. */
  userAgent: string;
  /** The same in words, `Firefox on Linux`; null if the session is older than the schema that keeps it. */
  device: string | null;
  /** Origins of the apps that got a token from it, in the order of the first. */
  apps: string[];
}

export interface NewSession {
  sid: string;
  tokenHash: Buffer;
  accountId: string;
  /** The version of the password that was found right. */
  passwordVersion: number;
  endsAt: number;
  userAgent: string;
  device: string;
}

/**
 * Which sessions: that of a secret, those of public names, that of a public name if this app has redeemed a
 * token of it, or all of an account but perhaps one.
 */
export type SessionChoice =
  | { tokenHash: Buffer }
  /** With an account, only those that are its own. */
  | { sids: readonly string[]; accountId?: string }
  | { sid: string; redeemedBy: string }
  | { accountId: string; exceptSid?: string };

/** The times that decide whether a session still lives. */
export interface LivingAt {
  now: number;
  /** Sessions last seen at or before this have idled away. */
  idleSince: number;
}

/**
 * A session that ends, by whatever function, makes its tokens worthless and leaves one logout notice for each
 * app that got a token from it: all of it, or nothing.
 */
export interface SessionStore {
  /**
   * Starts a session, and ends the one it replaces, both or neither. Of one account a thousand live on: beyond them, those
   * end that were not seen for longest.
   *
   * @returns false, and nothing but a failed login is recorded, when the account is gone or disabled, or its
   *   password is another by now
   */
  start(session: NewSession, replacedTokenHash: Buffer | null, context: AuditContext): Promise<boolean>;
  /** A session as it is stored, even if its time is over: lifetimes are the caller's. */
  find(tokenHash: Buffer): Promise<SsoSession | null>;
  findBySid(sid: string): Promise<SsoSession | null>;
  /**
   * The sessions of one account, or of all, the last seen first, in pages. A session that is used after the
   * first page was read moves to the front, and may then be missing from the later ones.
   */
  pages(accountId?: string): Pages<ListedSession>;
  /**
   * What a person sees of their own sessions, read at one moment: first the session that asks, then the
   * others of its account that were seen last.
   *
   * @returns at most `limit` of them, and how many live in all; no sessions if the one that asks has ended
   */
  newest(
    own: { sid: string; accountId: string },
    living: LivingAt,
    limit: number,
  ): Promise<{ sessions: ListedSession[]; count: number }>;
  /** Notes that a session was used; never moves backwards. */
  touch(sid: string, at: number): Promise<void>;
  /** Ends all that were chosen, or none. @returns how many there were; of any number of callers, one is told of each */
  end(choice: SessionChoice, why: EndReason, context: AuditContext): Promise<number>;
  /**
   * Ends every session that exists when it is called, of all accounts, for a process that serves nobody: in
   * slices of some 40 ms. Each slice is all or nothing, and yields how many sessions it ended. If a slice
   * fails, what the earlier ones ended stays ended.
   */
  endAll(why: EndReason, context: AuditContext): AsyncIterable<number>;
  /** Ends sessions whose time is over, the longest overdue first, in one slice. @returns how many */
  endOverdue(living: LivingAt): Promise<number>;
}

/** Why a token was not redeemed: for the audit trail and the log, never for an answer. */
export type InactiveReason =
  | 'unknown, or its session has ended'
  | 'issued to another app'
  | 'spent'
  | 'expired'
  | 'its session has run out';

export interface TokenStore {
  /** @returns false, and stores nothing, when the SSO session is there no longer */
  issue(
    token: { hash: Buffer; app: string; sid: string; expiresAt: number },
    context: AuditContext,
  ): Promise<boolean>;
  /**
   * Spends a token. Of any number of callers, in any number of processes, at most one ever gets the SSO
   * session; all others get the fault, as does everyone for a token that is unknown, expired, another
   * app's, or of an SSO session that has ended or was last seen before `idleSince`.
   */
  redeem(
    hash: Buffer,
    app: string,
    idleSince: number,
    context: AuditContext,
  ): Promise<{ session: SsoSession } | { fault: InactiveReason }>;
}

/** That an SSO session has ended, as one app is to be told. */
export interface LogoutNotice {
  id: number;
  app: string;
  sid: string;
  accountId: string;
  /** How often it was tried so far. */
  attempts: number;
}

/** Notices are left by sessions that end, see `SessionStore`. They outlive restarts. */
export interface LogoutNoticeStore {
  /**
   * Notices for one app that are to be tried by now: those of sessions that somebody ended before those of
   * sessions that time ended. Accounts take turns: between two notices of one account comes one of every
   * other account that has any, and one account's own come the longest due first. A notice that is due later
   * than any pause lasts is due, too: the clock was set back.
   */
  due(app: string, now: number, limit: number): Promise<LogoutNotice[]>;
  /** The app knows: the notices are gone. */
  delivered(notices: readonly LogoutNotice[], context: AuditContext): Promise<void>;
  /** Counts an attempt that failed, and has the notice wait behind the others of its account. */
  postpone(notice: LogoutNotice, until: number): Promise<void>;
  /** Drops the notices whose app session must have run out anyway, and returns them. */
  giveUp(context: AuditContext): Promise<LogoutNotice[]>;
}

export interface ClientAssertionStore {
  /**
   * @returns true for the first caller with this app's `jti`, false for every other until it expires, and for an hour
   *   more: by as much the clock can be set back, and it is used once all the same
   */
  accept(app: string, jti: string, expiresAt: number): Promise<boolean>;
}

export interface FailureLimits {
  windowMs: number;
  /** The networks that the client belongs to. A failure counts for each of them. */
  networks: readonly { name: string; maxFailuresPerAccount: number; maxFailures: number }[];
}

/** A limit that is reached, and throttles sign-ins. */
export interface ReachedLimit {
  /** One account from one network, or one network for any accounts. */
  of: 'account' | 'address';
  network: string;
  /** How many failures the limit allows. */
  maxFailures: number;
  /** When enough failures will have aged. */
  until: number;
}

/** A reached limit as an operator sees it. */
export interface ListedLimit extends ReachedLimit {
  /** The account; null if the limit is that of a network for any accounts. */
  usernameHash: Buffer | null;
  /** The failures within the window. */
  failures: number;
}

export interface LoginFailureStore {
  /**
   * Writes nothing.
   *
   * @returns the limit that throttles this account for a client of these networks for longest, or null
   * @throws {HttpProblem} `unavailable` where no failure could be counted now
   */
  findReached(usernameHash: Buffer, limits: FailureLimits, now: number): Promise<ReachedLimit | null>;
  /**
   * Counts a failure, unless a limit is reached: however many failures come in at once, no more than the
   * limit are ever counted, and the callers beyond it learn that they are throttled.
   *
   * @param failure `accountId`: the account that was meant, if there is one; `sid`: the session that it was asked in;
   *   `detail`: why, if not by a sign-in's password
   * @returns the limit that throttles the caller, with nothing counted, or null
   */
  add(
    failure: { usernameHash: Buffer; accountId: string | null; sid?: string; detail?: string },
    limits: FailureLimits,
    context: AuditContext,
  ): Promise<ReachedLimit | null>;
  /**
   * All limits that are reached, first those of networks, then those of accounts, in pages.
   *
   * @param limitsOf the limits of a network
   */
  pages(
    limitsOf: (network: string) => { maxFailuresPerAccount: number; maxFailures: number },
    windowMs: number,
    now: number,
  ): Pages<ListedLimit>;
  /**
   * Forgets the failures that count for any of these networks, and those of an account from anywhere. Works
   * in slices, so that sign-ins don't wait. If one fails, the same call forgets the rest.
   *
   * @param record what was lifted, for the audit trail
   * @returns the number of failures that counted at first, or 0 if another process has forgotten them
   *   meanwhile
   */
  forget(
    choice: { networks?: readonly string[]; usernameHash?: Buffer },
    record: { accountId: string | null; detail: string },
    context: AuditContext,
  ): Promise<number>;
}

/** Records are added and, when they are old, forgotten; none is ever changed. */
export interface AuditStore {
  add(event: AuditEvent, context: AuditContext): Promise<void>;
  /** Adds many, all or none. */
  addAll(records: readonly { event: AuditEvent; context: AuditContext }[]): Promise<void>;
  /** The newest records that match, oldest first, in pages. */
  pages(filter: AuditFilter): Pages<AuditRecord>;
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
