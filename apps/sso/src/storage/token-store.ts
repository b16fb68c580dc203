/** Authentication tokens: issued in step 3, redeemed in step 4. */
import type { AuditContext } from './audit-store.ts';
import type { ClientAssertion } from './client-assertion-store.ts';
import type { SsoSession } from './session-store.ts';

/** Why a token is inactive (RFC 7662), for the audit trail and the log. No response reveals it. */
export type InactiveReason =
  | 'unknown token or ended session'
  | 'issued to another app'
  | 'already redeemed'
  | 'expired'
  | 'session expired';

export interface TokenStore {
  /** @returns false, with nothing stored, if the SSO session has ended */
  issue(
    token: { hash: Buffer; app: string; sid: string; expiresAt: number },
    context: AuditContext,
  ): Promise<boolean>;
  /**
   * Accepts the app's client assertion and redeems a token, in one transaction. Of any number of callers in
   * any number of processes, at most one ever gets the session. All others get a reason, as does every caller
   * if the token is unknown, expired or another app's, or if its session has ended or was last seen at or
   * before `idleSince`. Even then, the assertion counts as used.
   *
   * @returns null, with nothing changed, if the assertion was used before
   */
  redeem(
    hash: Buffer,
    assertion: ClientAssertion,
    idleSince: number,
    context: AuditContext,
  ): Promise<{ session: SsoSession } | { inactiveReason: InactiveReason } | null>;
}
