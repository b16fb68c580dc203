/**
 * Which app's server is asking: `private_key_jwt` (RFC 7523). The app signs a short statement with its own
 * key, whose public half the SSO service fetches from it; so the two share no secret.
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
import { Compile } from 'typebox/compile';
import type { RegisteredApp } from '../registry.ts';
import type { ClientAssertionStore } from '../storage/stores.ts';

const isAuthentication = Compile(ClientAuthentication);
const isClaims = Compile(ClientAssertionClaims);

/** Why an app's authentication failed: for the log, never for the answer. */
export class InvalidClientError extends Error {}

export class ClientAuthenticator {
  readonly #keysByApp: ReadonlyMap<string, JWTVerifyGetKey>;
  readonly #store: ClientAssertionStore;
  readonly #clock: () => number;
  readonly #issuer: string;

  constructor(
    apps: readonly RegisteredApp[],
    store: ClientAssertionStore,
    clock: () => number,
    issuer: string,
  ) {
    this.#keysByApp = new Map(apps.map(({ origin, server }) => [origin, remoteKeys(server)]));
    this.#store = store;
    this.#clock = clock;
    this.#issuer = issuer;
  }

  /**
   * @param form the members of the request, whatever they are
   * @returns the app's origin
   * @throws {InvalidClientError} when it is not proven
   */
  async authenticate(form: unknown): Promise<string> {
    if (!isAuthentication.Check(form)) throw new InvalidClientError('no client assertion');
    const { iss, jti, exp } = await this.#verify(form.client_assertion);
    if ((form.client_id ?? iss) !== iss) throw new InvalidClientError('client_id is of another app');
    // Remembered for as long as it could be used (RFC 7523, section 3, item 7), and only now: a statement
    // that did not verify must not take a place.
    const expiresAt = Math.ceil(exp + CLOCK_TOLERANCE_SECONDS) * 1000;
    if (!(await this.#store.accept(iss, jti, expiresAt)))
      throw new InvalidClientError(`jti used before, by ${iss}`);
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
      if (!isClaims.Check(payload)) throw new Error('claims are missing or malformed');
      if (payload.exp > now / 1000 + CLIENT_ASSERTION_MAX_SECONDS + CLOCK_TOLERANCE_SECONDS) {
        throw new Error('expires too far ahead');
      }
      return payload;
    } catch (error) {
      throw new InvalidClientError(describeJwtError(error));
    }
  }
}
