/**
 * Step 4 of 5 at the app's server: whose authentication token is this? The app first verifies the token
 * itself, so that junk costs the SSO service nothing, and then introspects it at the SSO service, which alone
 * knows whether it has been redeemed. Next: `apps/sso/src/server-to-server/introspection-endpoint.ts`.
 */
import { describeJwtError, HttpProblem, isStorableText, JwksUnreachableError } from '@samesite-sso/core';
import {
  type ActiveToken,
  AUTHENTICATION_TOKEN_TYPE,
  AuthenticationTokenClaims,
  CLOCK_TOLERANCE_SECONDS,
  IntrospectionResponse,
  SSO_PATHS,
} from '@samesite-sso/protocol';
import { errors } from 'jose';
import * as v from 'valibot';
import type { SsoClient } from './sso-client.ts';
import { type JwtContext, verifySsoJwt } from './sso-jwt-verifier.ts';

/** Together with 2 s for fetching the keys, it stays below the documented 5 s. */
const INTROSPECTION_TIMEOUT_MS = 2500;
/** Each holds a socket while the SSO service hangs. */
const MAX_CONCURRENT_INTROSPECTIONS = 256;

export class TokenVerifier {
  readonly #client: SsoClient;
  readonly #jwtContext: JwtContext;
  readonly #pendingByJti = new Map<string, Promise<IntrospectionResponse>>();

  constructor(client: SsoClient, jwtContext: JwtContext) {
    this.#client = client;
    this.#jwtContext = jwtContext;
  }

  /**
   * Checks all that the app can check without the SSO service: signature, type and claims.
   *
   * @throws {HttpProblem} `invalid-token`, or `sso-unavailable` when the SSO service's keys can't be fetched
   */
  async verify(token: string): Promise<AuthenticationTokenClaims> {
    try {
      return await verifySsoJwt(
        token,
        AUTHENTICATION_TOKEN_TYPE,
        AuthenticationTokenClaims,
        this.#jwtContext,
      );
    } catch (error) {
      const code = error instanceof JwksUnreachableError ? 'sso-unavailable' : 'invalid-token';
      const clockHint = error instanceof errors.JWTExpired ? this.#clockHint(error.payload.iat) : '';
      throw new HttpProblem(code, { logReason: describeJwtError(error) + clockHint });
    }
  }

  /**
   * Redeems a verified token at the SSO service. A token can be redeemed once.
   *
   * @param claims the result of `verify`
   * @throws {HttpProblem} `invalid-token`, or `sso-unavailable` when no response arrives within 5 s
   */
  async redeem(token: string, claims: AuthenticationTokenClaims): Promise<ActiveToken> {
    const result = await this.#introspectOnce(token, claims);
    if (!result.active) {
      throw new HttpProblem('invalid-token', { logReason: 'the SSO service says that it is not active' });
    }
    const isSameToken = (['iss', 'aud', 'sub', 'sid', 'jti'] as const).every(
      (name) => result[name] === claims[name],
    );
    if (!isSameToken) {
      throw new HttpProblem('sso-unavailable', { logReason: 'the introspection is about another token' });
    }
    if (!isStorableText(result.username + result.name)) {
      throw new HttpProblem('invalid-token', { logReason: 'a name contains U+0000 or a lone surrogate' });
    }
    return result;
  }

  /** Introspects once for all parallel requests with one token. Only the first of them can succeed. */
  async #introspectOnce(
    token: string,
    { jti, iat }: AuthenticationTokenClaims,
  ): Promise<IntrospectionResponse> {
    const pending = this.#pendingByJti.get(jti);
    if (pending !== undefined) {
      await pending;
      throw new HttpProblem('invalid-token', { logReason: 'another request sent it at the same time' });
    }
    if (this.#pendingByJti.size >= MAX_CONCURRENT_INTROSPECTIONS) {
      const logReason = `${MAX_CONCURRENT_INTROSPECTIONS} introspections are pending`;
      throw new HttpProblem('sso-unavailable', { logReason });
    }
    const result = this.#introspect(token, iat).finally(() => this.#pendingByJti.delete(jti));
    this.#pendingByJti.set(jti, result);
    return await result;
  }

  async #introspect(token: string, iat: number): Promise<IntrospectionResponse> {
    // Never retried: a request whose response is lost may have redeemed the token. The page gets a new one.
    try {
      const signal = AbortSignal.timeout(INTROSPECTION_TIMEOUT_MS);
      const response = await this.#client.post(SSO_PATHS.introspection, { token }, signal);
      const result: unknown = response.ok ? await response.json() : undefined;
      if (v.is(IntrospectionResponse, result)) return result;
      const hint = response.ok ? ' with unexpected members; is the SSO service older than this app?' : '';
      throw new Error(`introspection responded ${response.status}${hint}${this.#clockHint(iat)}`);
    } catch (error) {
      throw new HttpProblem('sso-unavailable', { logReason: (error as Error).message });
    }
  }

  /** Tells the operator that the servers' clocks may differ: pages send a token seconds after its issue. */
  #clockHint(iat = Number.NaN): string {
    const ageSeconds = Math.round(this.#jwtContext.clock() / 1000 - iat);
    if (!(Math.abs(ageSeconds) > CLOCK_TOLERANCE_SECONDS)) return '';
    const age = ageSeconds > 0 ? `${ageSeconds} s ago` : `${-ageSeconds} s from now`;
    return `; issued ${age} by this server's clock: compare it with the SSO service's`;
  }
}
