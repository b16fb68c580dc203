/**
 * Authenticates the server of an app by `private_key_jwt` (RFC 7523). The app signs an assertion with its own
 * key, and the SSO service fetches the public key from the app, so the two share no secret.
 */
import { describeJwtError, remoteKeys } from '@samesite-sso/core';
import {
  CLIENT_ASSERTION_MAX_SECONDS,
  CLOCK_TOLERANCE_SECONDS,
  ClientAssertionClaims,
  ClientAuthentication,
  SIGNATURE_ALGORITHMS,
} from '@samesite-sso/protocol';
import { decodeJwt, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as v from 'valibot';
import type { RegisteredApp } from '../registry.ts';
import type { ClientAssertionStore } from '../storage/stores.ts';

/** Why an app couldn't be authenticated. Only the log gets the message. */
export class InvalidClientError extends Error {}

export class ClientAuthenticator {
  readonly #keysByApp: ReadonlyMap<string, JWTVerifyGetKey>;
  readonly #store: ClientAssertionStore;
  readonly #clock: () => number;
  readonly #issuer: string;

  constructor(
    store: ClientAssertionStore,
    clock: () => number,
    { apps, issuer }: { apps: readonly RegisteredApp[]; issuer: string },
  ) {
    this.#keysByApp = new Map(apps.map(({ origin, server }) => [origin, remoteKeys(server)]));
    this.#store = store;
    this.#clock = clock;
    this.#issuer = issuer;
  }

  /**
   * @param form the fields of the request body, unchecked
   * @returns the app's origin
   * @throws {InvalidClientError} unless the app is authenticated
   */
  async authenticate(form: unknown): Promise<string> {
    if (!v.is(ClientAuthentication, form)) throw new InvalidClientError('no client assertion');
    const { iss, jti, exp } = await this.#verify(form.client_assertion);
    if ((form.client_id ?? iss) !== iss) throw new InvalidClientError('client_id names another app');
    // RFC 7523, section 3, item 7: remember the `jti` while the assertion could be used. Only verified
    // assertions are stored, so that forgeries take no space.
    const expiresAt = Math.ceil(exp + CLOCK_TOLERANCE_SECONDS) * 1000;
    if (!(await this.#store.accept(iss, jti, expiresAt))) {
      throw new InvalidClientError(`jti used before, by ${iss}`);
    }
    return iss;
  }

  async #verify(assertion: string): Promise<ClientAssertionClaims> {
    const now = this.#clock();
    try {
      const claimed = decodeJwt(assertion).iss ?? '';
      const keys = this.#keysByApp.get(claimed);
      if (keys === undefined) throw new Error('unknown app');
      const { payload } = await jwtVerify(assertion, keys, {
        algorithms: SIGNATURE_ALGORITHMS,
        issuer: claimed,
        subject: claimed,
        audience: this.#issuer,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(now),
      });
      if (!v.is(ClientAssertionClaims, payload)) throw new Error('claims are missing or malformed');
      if (payload.exp > now / 1000 + CLIENT_ASSERTION_MAX_SECONDS + CLOCK_TOLERANCE_SECONDS) {
        throw new Error('expires too far in the future');
      }
      return payload;
    } catch (error) {
      throw new InvalidClientError(describeJwtError(error));
    }
  }
}
