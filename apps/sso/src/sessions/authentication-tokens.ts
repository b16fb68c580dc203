/**
 * Authentication tokens: issued in step 3, redeemed in step 4. They are signed, so that apps can reject junk
 * without asking the SSO service. The store keeps only their hashes and makes each redeemable once.
 */
import { randomUUID } from 'node:crypto';
import { type KeyRing, sha256 } from '@samesite-sso/core';
import { AUTHENTICATION_TOKEN_TYPE, type AuthenticationTokenClaims } from '@samesite-sso/protocol';
import { decodeJwt } from 'jose';
import type { InactiveReason, SsoSession, TokenStore } from '../storage/stores.ts';

export class AuthenticationTokens {
  readonly ttlSeconds: number;
  readonly #store: TokenStore;
  readonly #keys: KeyRing;
  readonly #clock: () => number;
  readonly #issuer: string;

  constructor(
    store: TokenStore,
    clock: () => number,
    { keys, issuer, ttlSeconds }: { keys: KeyRing; issuer: string; ttlSeconds: number },
  ) {
    this.#store = store;
    this.#keys = keys;
    this.#clock = clock;
    this.#issuer = issuer;
    this.ttlSeconds = ttlSeconds;
  }

  /**
   * @param app the origin of the only app that can redeem the token
   * @param address the client's IP address
   * @returns the token, or null if the session has ended
   */
  async issue(session: SsoSession, app: string, address: string): Promise<string | null> {
    const at = this.#clock();
    const iat = Math.floor(at / 1000);
    const claims: AuthenticationTokenClaims = {
      iss: this.#issuer,
      aud: app,
      sub: session.account.id,
      sid: session.sid,
      jti: randomUUID(),
      iat,
      exp: iat + this.ttlSeconds,
    };
    const token = await this.#keys.sign(AUTHENTICATION_TOKEN_TYPE, claims);
    const isIssued = await this.#store.issue(
      { hash: sha256(token), app, sid: session.sid, expiresAt: claims.exp * 1000 },
      { at, actor: 'person', address },
    );
    return isIssued ? token : null;
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
    const context = { at: this.#clock(), actor: app, address };
    const redeemed = await this.#store.redeem(sha256(token), app, idleSince, context);
    if ('inactiveReason' in redeemed) return redeemed;
    return { claims: decodeJwt<AuthenticationTokenClaims>(token), session: redeemed.session };
  }
}
