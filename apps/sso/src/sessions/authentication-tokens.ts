/**
 * Authentication tokens: issued in step 3, redeemed in step 4. Signed, so that an app can turn junk away
 * by itself, and stored by their hash, so that each is good once.
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
    keys: KeyRing,
    clock: () => number,
    options: { issuer: string; ttlSeconds: number },
  ) {
    this.#store = store;
    this.#keys = keys;
    this.#clock = clock;
    this.#issuer = options.issuer;
    this.ttlSeconds = options.ttlSeconds;
  }

  /**
   * @param app the origin of the one app that may redeem it
   * @param address where the page that asks is
   * @returns the token, or null when the session has ended meanwhile
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
   * Spends a token. What has the hash of a token we stored is that token, to the last byte of its
   * signature, so its claims are ours without a second look.
   *
   * @param address where the app's server asks from
   * @returns its claims and its session to the first who asks for the right app; to everyone else the fault,
   *   which no answer tells
   */
  async redeem(
    token: string,
    app: string,
    idleSince: number,
    address: string,
  ): Promise<{ claims: AuthenticationTokenClaims; session: SsoSession } | { fault: InactiveReason }> {
    const context = { at: this.#clock(), actor: app, address };
    const spent = await this.#store.redeem(sha256(token), app, idleSince, context);
    return 'fault' in spent ? spent : { claims: decodeJwt<AuthenticationTokenClaims>(token), ...spent };
  }
}
