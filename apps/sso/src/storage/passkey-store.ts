/** Passkeys: the public keys of WebAuthn credentials. `SessionStore.start` records their use. */
import type { Account } from '@samesite-sso/protocol';
import type { AuditContext } from './audit-store.ts';
import type { OwnSession } from './factor-store.ts';
import type { SpentChallenge } from './session-store.ts';

/** Why a passkey wasn't added. */
export type PasskeyRefusal = 'challenge spent' | 'already exists' | 'too many';

/** So that the list of an account stays short enough for `excludeCredentials`. */
export const MAX_PASSKEYS_PER_ACCOUNT = 20;

export interface Passkey {
  /** The credential id, in base64url. */
  id: string;
  /** The domain for which it was made (the RP ID). */
  rpId: string;
  /** In COSE format (RFC 9052). */
  publicKey: Buffer;
  counter: number;
  transports: string[];
  isBackupEligible: boolean;
  /** The name that its person gave it. */
  name: string;
  createdAt: number;
  lastUsedAt: number | null;
}

/** A passkey with what a sign-in needs to know of its account. */
export interface FoundPasskey extends Passkey {
  account: Account;
  userHandle: Buffer;
  isDisabled: boolean;
}

export interface PasskeyStore {
  /** The domains for which stored passkeys were made, at most `limit`. */
  rpIds(limit: number): Promise<{ rpId: string; count: number }[]>;
  find(credentialId: string): Promise<FoundPasskey | null>;
  /** An account's passkeys, the oldest first. */
  of(accountId: string): Promise<Passkey[]>;
  /** @returns the account's WebAuthn user handle, if it has one */
  findUserHandle(accountId: string): Promise<Buffer | null>;
  /** @returns the account's WebAuthn user handle: `proposed`, 64 random bytes, if it has none yet */
  findOrCreateUserHandle(accountId: string, proposed: Buffer): Promise<Buffer>;
  /**
   * Adds a passkey, and spends the challenge of its registration. All other sessions of the account end if it
   * had no second factor before.
   *
   * @returns why nothing changed, or null
   */
  add(
    own: OwnSession,
    passkey: Omit<Passkey, 'lastUsedAt'>,
    challenge: SpentChallenge,
    context: AuditContext,
  ): Promise<PasskeyRefusal | null>;
  /**
   * Removes a passkey and ends all other sessions of the account.
   *
   * @returns false, with nothing changed, if the account has no such passkey
   */
  remove(own: OwnSession, credentialId: string, context: AuditContext): Promise<boolean>;
}
