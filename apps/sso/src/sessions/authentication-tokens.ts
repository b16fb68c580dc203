/**
 * Authentication tokens: issued in step 3, redeemed in step 4. They are signed, so that apps can reject junk
 * without asking the SSO service. The store keeps only their hashes and makes each redeemable once.
 */
import { randomUUID } from 'node:crypto';
import { type KeyRing, sha256 } from '@samesite-sso/core';
import { AUTHENTICATION_TOKEN_TYPE, type AuthenticationTokenClaims } from '@samesite-sso/protocol';
import { decodeJwt } from 'jose';
import type { InactiveReason, SsoSession, TokenStore } from '../storage/stores.ts';

interface AuthenticationTokenOptions {
  store: TokenStore;
  keys: KeyRing;
  clock: () => number;
  issuer: string;
  ttlSeconds: number;
}

export class AuthenticationTokens {
  readonly #options: AuthenticationTokenOptions;

  constructor(options: AuthenticationTokenOptions) {
    this.#options = options;
  }

  /**
   * @param app the origin of the only app that can redeem the token
   * @param address the client's IP address
   * @returns the token and its lifetime, or null if the session has ended
   */
  async issue(
    session: SsoSession,
    app: string,
    address: string,
  ): Promise<{ token: string; expiresIn: number } | null> {
    const { store, keys, clock, issuer, ttlSeconds } = this.#options;
    const at = clock();
    const iat = Math.floor(at / 1000);
    const claims: AuthenticationTokenClaims = {
      iss: issuer,
      aud: app,
      sub: session.account.id,
      sid: session.sid,
      jti: randomUUID(),
      iat,
      exp: iat + ttlSeconds,
    };
    const token = await keys.sign(AUTHENTICATION_TOKEN_TYPE, claims);
    const isIssued = await store.issue(
      { hash: sha256(token), app, sid: session.sid, expiresAt: claims.exp * 1000 },
      { at, actor: 'person', address },
    );
    return isIssued ? { token, expiresIn: ttlSeconds } : null;
  }

  /**
   * A text whose hash is stored is a token of ours, signature included, so its claims need no verification.
   *
   * @param address the IP address of the app's server
   * @returns the claims and the session for the first caller from the right app, otherwise the reason for the
   *   log
   */
  async redeem(
    token: string,
    app: string,
    idleSince: number,
    address: string,
  ): Promise<
    { claims: AuthenticationTokenClaims; session: SsoSession } | { inactiveReason: InactiveReason }
  > {
    const { store, clock } = this.#options;
    const context = { at: clock(), actor: app, address };
    const redeemed = await store.redeem(sha256(token), app, idleSince, context);
    if ('inactiveReason' in redeemed) return redeemed;
    return { claims: decodeJwt<AuthenticationTokenClaims>(token), session: redeemed.session };
  }
}
