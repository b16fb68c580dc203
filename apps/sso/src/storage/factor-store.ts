/**
 * Authenticator apps (TOTP, RFC 6238), recovery codes, and the changes of an account's factors. Secrets come
 * sealed, codes hashed. `SessionStore.start` consumes codes.
 */
import type { AuditContext } from './audit-store.ts';
import type { Pages } from './pages.ts';

export interface Authenticator {
  sealedSecret: string;
  /** The time step of the last code used. */
  lastStep: number;
}

/**
 * The session in which a person changes how they sign in. If it has ended, has another token, or its latest
 * sign-in is too old or weaker than the account's strongest factor, the change throws
 * `reauthentication-required`, and nothing changes.
 */
export interface OwnSession {
  accountId: string;
  sid: string;
  tokenHash: Buffer;
  /** The person must have signed in then or later. */
  authenticatedSince: number;
}

/** A secret that is sealed: see `SealingKeys`. */
export interface SealedSecret {
  accountId: string;
  sealedSecret: string;
}

/** A change of an account's factors, which the account page shows to its person. */
export interface FactorChange {
  kind:
    | 'passkey added'
    | 'passkey removed'
    | 'authenticator added'
    | 'authenticator removed'
    | 'recovery codes replaced';
  /** The name of the passkey. */
  detail: string | null;
  at: number;
}

/**
 * Changes are shown for this long, and kept even if audit records aren't. If they were shown only at the next
 * sign-in, somebody who adds a factor to another person's account could sign in again to hide it.
 */
export const SHOWN_CHANGES_MS = 90 * 24 * 60 * 60 * 1000;

/** @returns how many changes of a kind are kept for each account; new recovery codes void all earlier ones */
export function countKeptChanges(kind: FactorChange['kind']): number {
  return kind === 'recovery codes replaced' ? 1 : 20;
}

/** What an account can sign in with besides its password. */
export interface AccountFactors {
  passkeyCount: number;
  hasAuthenticator: boolean;
  recoveryCodeCount: number;
}

export interface FactorStore {
  of(accountId: string): Promise<AccountFactors>;
  /** The confirmed authenticator app of an account. */
  findAuthenticator(accountId: string): Promise<Authenticator | null>;
  /** Whether this recovery code hasn't been used yet. `SessionStore.start` uses it. */
  hasRecoveryCode(accountId: string, hash: Buffer): Promise<boolean>;
  /** The authenticator app that the person is adding in this session, until it expires. */
  findPendingAuthenticator(sid: string, now: number): Promise<{ sealedSecret: string } | null>;
  /**
   * Stores an authenticator app as pending in this session, instead of an earlier pending one. Only this
   * session can confirm it: in another one, somebody else might guess its first code. Until then, the account
   * keeps its confirmed app, if it has one.
   */
  prepareAuthenticator(own: OwnSession, sealedSecret: string, expiresAt: number): Promise<void>;
  /**
   * Confirms the pending authenticator app with its first code, and replaces the recovery codes. All other
   * sessions of the account end if this is its first second factor, or replaces an authenticator app.
   *
   * @param pending `sealedSecret`: as `findPendingAuthenticator` returned it, so that one prepared meanwhile
   *   isn't confirmed; `lastStep`: codes up to this time step count as used
   * @returns false, with nothing changed, if it isn't pending any more
   */
  confirmAuthenticator(
    own: OwnSession,
    pending: { sealedSecret: string; lastStep: number },
    recoveryCodeHashes: readonly Buffer[],
    context: AuditContext,
  ): Promise<boolean>;
  /**
   * Removes the authenticator app, pending ones, and the recovery codes. All other sessions of the account
   * end.
   *
   * @returns false, with nothing changed, if none was confirmed
   */
  removeAuthenticator(own: OwnSession, context: AuditContext): Promise<boolean>;
  /**
   * Ends all other sessions of the account.
   *
   * @returns false, with nothing changed, if the account has no authenticator app
   */
  replaceRecoveryCodes(own: OwnSession, hashes: readonly Buffer[], context: AuditContext): Promise<boolean>;
  /**
   * The changes since a time, newest first: of each kind as many as {@link countKeptChanges} says. Changes of
   * one kind can't hide those of another.
   */
  changesSince(accountId: string, since: number): Promise<FactorChange[]>;
  /** The secrets of all authenticator apps, pending ones included. */
  sealedSecrets(): Pages<SealedSecret>;
  /** Replaces a sealed secret that is still the same, to seal it with another key. */
  replaceSecret(secret: SealedSecret, replacement: string): Promise<void>;
}
