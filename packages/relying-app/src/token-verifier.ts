/**
 * Step 4 of 5, the app's server's part: who does this token stand for? First by itself, so that junk costs
 * the SSO service nothing; then by asking the SSO service, which alone knows whether it is spent.
 * Next: `apps/sso/src/introspection/introspection-endpoint.ts`.
 */

import { describeJwtError, HttpProblem, JwksUnreachableError } from '@samesite-sso/core';
import {
  type ActiveToken,
  AUTHENTICATION_TOKEN_TYPE,
  AuthenticationTokenClaims,
  CLOCK_TOLERANCE_SECONDS,
  IntrospectionAnswer,
  SIGNATURE_ALGORITHMS,
  SSO_PATHS,
} from '@samesite-sso/protocol';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Compile } from 'typebox/compile';
import type { RelyingAppOptions } from './options.ts';
import type { SsoClient } from './sso-client.ts';

/** Milliseconds for the introspection. With the 2 s for the keys it stays below the contract's 5 s. */
const INTROSPECTION_TIMEOUT_MS = 2500;
/** Introspections under way at once, each of another token: one that hangs costs a socket. */
const AT_ONCE = 256;

const isClaims = Compile(AuthenticationTokenClaims);
const isAnswer = Compile(IntrospectionAnswer);

export class TokenVerifier {
  readonly #origin: string;
  readonly #ssoOrigin: string;
  readonly #ssoKeys: JWTVerifyGetKey;
  readonly #client: SsoClient;
  readonly #clock: () => number;
  /** What the service is being asked, by the `jti` of the token. */
  readonly #underWay = new Map<string, Promise<IntrospectionAnswer>>();

  constructor(
    { origin, ssoOrigin }: Pick<RelyingAppOptions, 'origin' | 'ssoOrigin'>,
    ssoKeys: JWTVerifyGetKey,
    client: SsoClient,
    clock: () => number,
  ) {
    this.#origin = origin;
    this.#ssoOrigin = ssoOrigin;
    this.#ssoKeys = ssoKeys;
    this.#client = client;
    this.#clock = clock;
  }

  /**
   * Spends the token: it is good for one call.
   *
   * @param claims the result of `verify`
   * @throws {HttpProblem} `invalid-token`, or `sso-unavailable` when there is no answer within 5 s
   */
  async redeem(token: string, claims: AuthenticationTokenClaims): Promise<ActiveToken> {
    const answer = await this.#introspectOnce(token, claims);
    if (!answer.active)
      throw new HttpProblem('invalid-token', { logReason: 'the SSO service says it is not active' });
    const isSame = (['iss', 'aud', 'sub', 'sid', 'jti'] as const).every(
      (name) => answer[name] === claims[name],
    );
    if (!isSame)
      throw new HttpProblem('sso-unavailable', { logReason: 'the introspection is about another token' });
    return answer;
  }

  /**
   * Checks everything but whether the SSO service still accepts the token: signature, type, claims.
   *
   * @throws {HttpProblem} `invalid-token`, or `sso-unavailable` when the SSO service's keys cannot be had
   */
  async verify(token: string): Promise<AuthenticationTokenClaims> {
    try {
      const { payload } = await jwtVerify(token, this.#ssoKeys, {
        algorithms: SIGNATURE_ALGORITHMS,
        typ: AUTHENTICATION_TOKEN_TYPE,
        issuer: this.#ssoOrigin,
        audience: this.#origin,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(this.#clock()),
      });
      if (!isClaims.Check(payload)) throw new Error('claims are missing or malformed');
      return payload;
    } catch (error) {
      const isLate = error instanceof errors.JWTExpired;
      const logReason = describeJwtError(error) + (isLate ? this.#clockNote(error.payload.iat) : '');
      throw new HttpProblem(error instanceof JwksUnreachableError ? 'sso-unavailable' : 'invalid-token', {
        logReason,
      });
    }
  }

  /** Of many who bring one token at once only the first costs a question: whatever comes of it, it is not theirs. */
  async #introspectOnce(
    token: string,
    { jti, iat }: AuthenticationTokenClaims,
  ): Promise<IntrospectionAnswer> {
    const asked = this.#underWay.get(jti);
    if (asked !== undefined) {
      await asked;
      throw new HttpProblem('invalid-token', { logReason: 'it came at the same time from somebody else' });
    }
    if (this.#underWay.size >= AT_ONCE) {
      throw new HttpProblem('sso-unavailable', {
        logReason: `${AT_ONCE} introspections wait for their answers`,
      });
    }
    const answer = this.#introspect(token, iat).finally(() => this.#underWay.delete(jti));
    this.#underWay.set(jti, answer);
    return await answer;
  }

  async #introspect(token: string, iat: number): Promise<IntrospectionAnswer> {
    // Never asked twice: an answer that was lost may have spent the token. The page asks for a new one.
    try {
      const signal = AbortSignal.timeout(INTROSPECTION_TIMEOUT_MS);
      const response = await this.#client.post(SSO_PATHS.introspection, { token }, signal);
      const answer: unknown = response.ok ? await response.json() : undefined;
      if (isAnswer.Check(answer)) return answer;
      throw new Error(`introspection answered ${response.status}${this.#clockNote(iat)}`);
    } catch (error) {
      throw new HttpProblem('sso-unavailable', { logReason: (error as Error).message });
    }
  }

  /** For the operator, where it may be the clocks: a token comes seconds after it was issued. */
  #clockNote(iat = Number.NaN): string {
    const age = Math.round(this.#clock() / 1000 - iat);
    if (!(Math.abs(age) > CLOCK_TOLERANCE_SECONDS)) return '';
    const when = age > 0 ? `${age} s ago` : `${-age} s from now`;
    return `; issued ${when} by this server's clock: see whether it and the SSO service's agree`;
  }
}
