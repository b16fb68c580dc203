/** Client assertions (RFC 7523), with which the servers of apps authenticate. Each is accepted once. */

/** A client assertion whose signature and claims have been verified. */
export interface ClientAssertion {
  /** The origin of the app that signed it. */
  app: string;
  jti: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** How long client assertions are remembered after they expire, in case the clock is set back. */
export const ASSERTION_MARGIN_MS = 3_600_000;

export interface ClientAssertionStore {
  /**
   * @returns true for the first caller with this app's `jti`, here or where tokens are redeemed; false for
   *   every other caller until an hour after `expiresAt`, so that setting the clock back by up to an hour
   *   doesn't make an assertion usable again
   */
  accept(assertion: ClientAssertion): Promise<boolean>;
}
