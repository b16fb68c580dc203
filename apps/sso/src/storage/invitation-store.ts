/** Invitations: each lets its holder set an account's password, once. */
import type { Account } from '@samesite-sso/protocol';
import type { AuditContext } from './audit-store.ts';
import type { NewSession } from './session-store.ts';

export interface InvitationStore {
  /**
   * Stores an invitation, which replaces an earlier one of the account.
   *
   * @returns false, with nothing changed, if the account is disabled or gone
   */
  create(
    invitation: { accountId: string; secretHash: Buffer; expiresAt: number },
    context: AuditContext,
  ): Promise<boolean>;
  /** @returns the account, unless the invitation is unknown or expired, or the account is disabled */
  find(secretHash: Buffer, now: number): Promise<Account | null>;
  /**
   * Accepts the invitation, so that it can't be used again: sets the password, removes all other factors,
   * ends all sessions of the account and starts one. A presented session of another account ends, too.
   *
   * @param presentedTokenHash the hash of the session token in the request's cookie
   * @returns false, with nothing changed, if the invitation is unknown or expired, or the account is disabled
   */
  accept(
    secretHash: Buffer,
    passwordHash: string,
    session: Omit<NewSession, 'proof' | 'accountId'>,
    presentedTokenHash: Buffer | null,
    context: AuditContext,
  ): Promise<boolean>;
}
