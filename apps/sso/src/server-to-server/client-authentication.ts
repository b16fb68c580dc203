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
import type { AppRegistry } from '../registry/app-registry.ts';
import type { RegisteredApp } from '../registry/read-registry.ts';
import type { ClientAssertion, ClientAssertionStore } from '../storage/stores.ts';

/** Why an app couldn't be authenticated. Only the log gets the message. */
export class InvalidClientError extends Error {}

/** The assertion was accepted before (RFC 7523, section 3, item 7). */
export class UsedAssertionError extends InvalidClientError {
  constructor({ app }: ClientAssertion) {
    super(`jti used before, by ${app}`);
  }
}

export class ClientAuthenticator {
  readonly #registry: Pick<AppRegistry, 'find'>;
  /** The registry has a new object for an app whose entry has changed, so old servers' keys aren't used. */
  readonly #keysByApp = new WeakMap<RegisteredApp, JWTVerifyGetKey>();
  readonly #store: ClientAssertionStore;
  readonly #clock: () => number;
  readonly #issuer: string;

  constructor(
    store: ClientAssertionStore,
    clock: () => number,
    { registry, issuer }: { registry: Pick<AppRegistry, 'find'>; issuer: string },
  ) {
    this.#registry = registry;
    this.#store = store;
    this.#clock = clock;
    this.#issuer = issuer;
  }

  /**
   * Verifies everything except whether the assertion was used before. The caller must then accept it, by
   * `accept` or in the transaction of another write.
   *
   * @param form the fields of the request body, unchecked
   * @throws {InvalidClientError} unless the assertion is valid
   */
  async verify(form: unknown): Promise<ClientAssertion> {
    if (!v.is(ClientAuthentication, form)) throw new InvalidClientError('no client assertion');
    const { iss, jti, exp } = await this.#verifyJwt(form.client_assertion);
    if ((form.client_id ?? iss) !== iss) throw new InvalidClientError('client_id names another app');
    // RFC 7523, section 3, item 7: remember the `jti` while the assertion could be used.
    return { app: iss, jti, expiresAt: Math.ceil(exp + CLOCK_TOLERANCE_SECONDS) * 1000 };
  }

  /**
   * Marks a verified assertion as used. Forgeries are never stored, so they take no space.
   *
   * @throws {InvalidClientError} if the assertion was used before
   */
  async accept(assertion: ClientAssertion): Promise<void> {
    if (!(await this.#store.accept(assertion))) throw new UsedAssertionError(assertion);
  }

  async #verifyJwt(assertion: string): Promise<ClientAssertionClaims> {
    const now = this.#clock();
    try {
      const claimed = decodeJwt(assertion).iss ?? '';
      const app = this.#registry.find(claimed);
      if (app === undefined) throw new Error('unknown app');
      const { payload } = await jwtVerify(assertion, this.#keysOf(app), {
        algorithms: SIGNATURE_ALGORITHMS,
        issuer: claimed,
        subject: claimed,
        audience: this.#issuer,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(now),
      });
      // Fetching the keys takes time, in which the registry may change.
      if (this.#registry.find(claimed)?.server !== app.server) throw new Error('unknown app');
      if (!v.is(ClientAssertionClaims, payload)) throw new Error('claims are missing or malformed');
      if (payload.exp > now / 1000 + CLIENT_ASSERTION_MAX_SECONDS + CLOCK_TOLERANCE_SECONDS) {
        throw new Error('expires too far in the future');
      }
      return payload;
    } catch (error) {
      throw new InvalidClientError(describeJwtError(error));
    }
  }

  #keysOf(app: RegisteredApp): JWTVerifyGetKey {
    const keys = this.#keysByApp.get(app) ?? remoteKeys(app.server);
    this.#keysByApp.set(app, keys);
    return keys;
  }
}
