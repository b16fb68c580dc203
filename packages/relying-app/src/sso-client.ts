/**
 * Sends requests from this app's server to the SSO service: forms with a client assertion (RFC 7523), signed
 * with the app's own key, so that the two share no secret.
 */
import { randomUUID } from 'node:crypto';
import { boundedFetch, type KeyRing } from '@samesite-sso/core';
import { CLIENT_ASSERTION_TYPE } from '@samesite-sso/protocol';
import type { RelyingAppOptions } from './options.ts';

const ASSERTION_SECONDS = 30;

type Options = Pick<RelyingAppOptions, 'origin' | 'ssoOrigin' | 'ssoServerUrl'>;

export class SsoClient {
  readonly #options: Options;
  readonly #keys: KeyRing;
  readonly #clock: () => number;

  constructor(options: Options, keys: KeyRing, clock: () => number) {
    this.#options = options;
    this.#keys = keys;
    this.#clock = clock;
  }

  /** @throws {Error} when no response arrives before `signal` aborts */
  async post(path: string, form: Record<string, string>, signal: AbortSignal): Promise<Response> {
    const body = new URLSearchParams({
      ...form,
      client_assertion_type: CLIENT_ASSERTION_TYPE,
      client_assertion: this.#signAssertion(),
    });
    const { ssoOrigin, ssoServerUrl = ssoOrigin } = this.#options;
    return await boundedFetch(ssoServerUrl + path, { method: 'POST', body, signal });
  }

  /** Authenticates this app at the SSO service (RFC 7523, section 3). */
  #signAssertion(): string {
    const { origin, ssoOrigin } = this.#options;
    const iat = Math.floor(this.#clock() / 1000);
    return this.#keys.sign('client-authentication+jwt', {
      iss: origin,
      sub: origin,
      aud: ssoOrigin,
      jti: randomUUID(),
      iat,
      exp: iat + ASSERTION_SECONDS,
    });
  }
}
