/**
 * Authentication tokens: issued in step 3, redeemed in step 4. Signed, so that an app can turn junk away
 * by itself, and stored by their hash, so that each is good once.
 */
import { randomUUID } from 'node:crypto';
import { AUTHENTICATION_TOKEN_TYPE, type AuthenticationTokenClaims } from '@samesite-sso/protocol';
import { hashSecret, type KeyRing } from '@samesite-sso/service';
import { decodeJwt } from 'jose';
import type { SsoSession, TokenStore } from '../storage/stores.ts';

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
   * @returns the token, or null when the session has ended meanwhile
   */
  async issue(session: SsoSession, app: string): Promise<string | null> {
    const iat = Math.floor(this.#clock() / 1000);
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
    const isIssued = await this.#store.issue({
      hash: hashSecret(token),
      app,
      sid: session.sid,
      expiresAt: claims.exp * 1000,
    });
    return isIssued ? token : null;
  }

  /**
   * Spends a token. What has the hash of a token we stored is that token, to the last byte of its
   * signature, so its claims are ours without a second look.
   *
   * @returns its claims to the first who asks for the right app, and null to everyone else
   */
  async redeem(token: string, app: string, idleSince: number): Promise<AuthenticationTokenClaims | null> {
    const sid = await this.#store.redeem(hashSecret(token), app, { now: this.#clock(), idleSince });
    return sid === null ? null : decodeJwt<AuthenticationTokenClaims>(token);
  }
}
