/**
 * Sends requests from this app's server to the SSO service: forms with a client assertion (RFC 7523), signed
 * with the app's own key, so that the two share no secret.
 */
import { randomUUID } from 'node:crypto';
import { boundedFetch, type KeyRing } from '@samesite-sso/core';
import { CLIENT_ASSERTION_TYPE } from '@samesite-sso/protocol';
import type { RelyingAppOptions } from './options.ts';

const ASSERTION_SECONDS = 30;

export class SsoClient {
  readonly #origin: string;
  readonly #ssoOrigin: string;
  readonly #serverUrl: string;
  readonly #keys: KeyRing;
  readonly #clock: () => number;

  constructor(
    { origin, ssoOrigin, ssoServerUrl }: Pick<RelyingAppOptions, 'origin' | 'ssoOrigin' | 'ssoServerUrl'>,
    keys: KeyRing,
    clock: () => number,
  ) {
    this.#origin = origin;
    this.#ssoOrigin = ssoOrigin;
    this.#serverUrl = ssoServerUrl ?? ssoOrigin;
    this.#keys = keys;
    this.#clock = clock;
  }

  /** @throws {Error} when no response arrives before `signal` aborts */
  async post(path: string, form: Record<string, string>, signal: AbortSignal): Promise<Response> {
    const body = new URLSearchParams({
      ...form,
      client_assertion_type: CLIENT_ASSERTION_TYPE,
      client_assertion: await this.#signAssertion(),
    });
    return await boundedFetch(this.#serverUrl + path, { method: 'POST', body, signal });
  }

  /** Authenticates this app at the SSO service (RFC 7523, section 3). */
  async #signAssertion(): Promise<string> {
    const iat = Math.floor(this.#clock() / 1000);
    return await this.#keys.sign('client-authentication+jwt', {
      iss: this.#origin,
      sub: this.#origin,
      aud: this.#ssoOrigin,
      jti: randomUUID(),
      iat,
      exp: iat + ASSERTION_SECONDS,
    });
  }
}
