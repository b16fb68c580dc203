/**
 * Sends requests from this app's server to the SSO service: forms with a client assertion (RFC 7523), signed
 * with the app's own key, so that the two share no secret.
 */
import { randomUUID } from 'node:crypto';
import { boundedFetch, type KeyRing } from '@samesite-sso/core';
import { CLIENT_ASSERTION_TYPE } from '@samesite-sso/protocol';
import type { RelyingAppOptions } from './options.ts';

/** Long enough for the request to arrive. */
const ASSERTION_SECONDS = 30;

export class SsoClient {
  readonly #origin: string;
  readonly #ssoOrigin: string;
  readonly #server: string;
  readonly #keys: KeyRing;
  readonly #clock: () => number;

  constructor(
    { origin, ssoOrigin, ssoServerUrl }: Pick<RelyingAppOptions, 'origin' | 'ssoOrigin' | 'ssoServerUrl'>,
    keys: KeyRing,
    clock: () => number,
  ) {
    this.#origin = origin;
    this.#ssoOrigin = ssoOrigin;
    this.#server = ssoServerUrl ?? ssoOrigin;
    this.#keys = keys;
    this.#clock = clock;
  }

  /** @throws {Error} when no response arrives before `signal` aborts */
  async post(path: string, form: Record<string, string>, signal: AbortSignal): Promise<Response> {
    const body = new URLSearchParams({
      ...form,
      client_assertion_type: CLIENT_ASSERTION_TYPE,
      client_assertion: await this.#assertion(),
    });
    return await boundedFetch(this.#server + path, { method: 'POST', body, signal });
  }

  /** Proves to the SSO service which app is asking (RFC 7523, section 3). */
  async #assertion(): Promise<string> {
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
