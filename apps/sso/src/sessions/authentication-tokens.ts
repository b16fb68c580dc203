/**
 * Authentication tokens: issued in step 3, redeemed in step 4. They are signed, so that apps can reject junk
 * without asking the SSO service. The store keeps only their hashes and makes each redeemable once.
 */
import { randomUUID } from 'node:crypto';
import { type KeyRing, sha256 } from '@samesite-sso/core';
import { AUTHENTICATION_TOKEN_TYPE, type AuthenticationTokenClaims } from '@samesite-sso/protocol';
import { decodeJwt } from 'jose';
import type { ClientAssertion, InactiveReason, SsoSession, TokenStore } from '../storage/stores.ts';

interface AuthenticationTokenOptions {
  store: TokenStore;
  keys: KeyRing;
  clock: () => number;
  issuer: string;
  tokenSeconds: number;
}

export class AuthenticationTokens {
  readonly #options: AuthenticationTokenOptions;

  constructor(options: AuthenticationTokenOptions) {
    this.#options = options;
  }

  /**
   * @param appOrigin the only app that can redeem the token
   * @param address the client's IP address
   * @returns the token and its lifetime, or null if the session has ended
   */
  async issue(
    session: SsoSession,
    appOrigin: string,
    address: string,
  ): Promise<{ token: string; expiresIn: number } | null> {
    const { store, keys, clock, issuer, tokenSeconds } = this.#options;
    const at = clock();
    const iat = Math.floor(at / 1000);
    const claims: AuthenticationTokenClaims = {
      iss: issuer,
      aud: appOrigin,
      sub: session.account.id,
      sid: session.sid,
      jti: randomUUID(),
      iat,
      exp: iat + tokenSeconds,
    };
    const token = keys.sign(AUTHENTICATION_TOKEN_TYPE, claims);
    const isIssued = await store.issue(
      { hash: sha256(token), app: appOrigin, sid: session.sid, expiresAt: claims.exp * 1000 },
      { at, actor: 'person', address },
    );
    return isIssued ? { token, expiresIn: tokenSeconds } : null;
  }

  /**
   * Accepts the app's client assertion and redeems the token. Only tokens that we issued have a stored hash,
   * so a match proves the signature and the claims.
   *
   * @param address the IP address of the app's server
   * @returns the claims and the session for the first caller from the right app, otherwise the reason for the
   *   log; null if the assertion was used before
   */
  async redeem(
    token: string,
    assertion: ClientAssertion,
    idleSince: number,
    address: string,
  ): Promise<
    { claims: AuthenticationTokenClaims; session: SsoSession } | { inactiveReason: InactiveReason } | null
  > {
    const { store, clock } = this.#options;
    const context = { at: clock(), actor: assertion.app, address };
    const redeemed = await store.redeem(sha256(token), assertion, idleSince, context);
    if (redeemed === null || 'inactiveReason' in redeemed) return redeemed;
    return { claims: decodeJwt<AuthenticationTokenClaims>(token), session: redeemed.session };
  }
}
