/** Authentication tokens: issued in step 3, redeemed in step 4. */
import { CLOCK_TOLERANCE_SECONDS } from '@samesite-sso/protocol';
import type { AuditContext } from './audit-store.ts';
import type { ClientAssertion } from './client-assertion-store.ts';
import type { AppRequirement } from './registry-store.ts';
import type { SsoSession } from './session-store.ts';

/** Why a token is inactive (RFC 7662), for the audit trail and the log. No response reveals it. */
export type InactiveReason =
  | 'unknown token or ended session'
  | 'issued to another app'
  | 'already redeemed'
  | 'expired'
  | 'session expired'
  | 'session renewed'
  | 'not permitted';

export interface NewToken {
  hash: Buffer;
  app: string;
  sid: string;
  /**
   * The hash of the session token that the request presented. Once the session has another one, nobody can
   * redeem this authentication token: a thief may hold it, and would profit from the person's new sign-in.
   */
  sessionTokenHash: Buffer;
  expiresAt: number;
}

/** Why no token was issued. */
export type IssueRefusal = 'session ended' | 'not permitted' | 'second factor missing';

/**
 * An app that has lost its access to a session refuses the tokens from before, and knows them by their `iat`,
 * in whole seconds. So the session gets no new token in the second of the last one.
 */
export interface TooEarly {
  /** The end of the second in which the app that has lost its access got its last token. */
  issuableAt: number;
}

/**
 * The clock of the instance that issued the last token may be ahead by this much. If it seems more, this
 * clock was set back, and logout tokens have its time.
 */
export const MAX_CLOCK_DIFFERENCE_MS = CLOCK_TOLERANCE_SECONDS * 1000;

/** @param lostTokenAt when an app that has lost its access got its last token */
export function toIssuableAt(lostTokenAt: number): number {
  return (Math.floor(lostTokenAt / 1000) + 1) * 1000;
}

export interface TokenStore {
  /**
   * Stores a token, if the session meets what its app requires at that moment. An account that is leaving its
   * last group of the app at the same time gets no token, or has the app in its session's list when its
   * access is reviewed (`GroupStore.review`).
   *
   * @param context with the time of the token's `iat`, or a later one in the same second
   * @returns why nothing was stored, or null
   */
  issue(
    token: NewToken,
    required: AppRequirement,
    context: AuditContext,
  ): Promise<IssueRefusal | TooEarly | null>;
  /**
   * Accepts the app's client assertion and redeems a token, in one transaction. Of any number of callers in
   * any number of processes, at most one ever gets the session. All others get a reason, as does every caller
   * if the token is unknown, expired or another app's, if its session has ended, has another session token
   * by now, was last seen at or before `idleSince`, or no longer meets what the app requires. Even then, the
   * assertion counts as used.
   *
   * @returns the session and the groups of its account, sorted; null, with nothing changed, if the assertion
   *   was used before
   */
  redeem(
    hash: Buffer,
    assertion: ClientAssertion,
    required: AppRequirement,
    idleSince: number,
    context: AuditContext,
  ): Promise<{ session: SsoSession; groups: string[] } | { inactiveReason: InactiveReason } | null>;
}
