/**
 * Authentication tokens: issued in step 3, redeemed in step 4. They are signed, so that apps can reject junk
 * without asking the SSO service. The store keeps only their hashes and makes each redeemable once.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type KeyRing, sha256 } from '@samesite-sso/core';
import { AUTHENTICATION_TOKEN_TYPE, type AuthenticationTokenClaims } from '@samesite-sso/protocol';
import { decodeJwt } from 'jose';
import type {
  AppRequirement,
  ClientAssertion,
  InactiveReason,
  IssueRefusal,
  SsoSession,
  TokenStore,
  TooEarly,
} from '../storage/stores.ts';
import type { UsedSession } from './sso-sessions.ts';

/** Tokens are dated in whole seconds. */
const MAX_WAIT_MS = 1000;

interface AuthenticationTokenOptions {
  store: TokenStore;
  keys: KeyRing;
  clock: () => number;
  issuer: string;
  tokenSeconds: number;
}

/** The origin of an app, and what it requires. */
interface App extends AppRequirement {
  origin: string;
}

export interface RedeemedToken {
  claims: AuthenticationTokenClaims;
  session: SsoSession;
  /** Of its account, sorted. */
  groups: string[];
}

export class AuthenticationTokens {
  readonly #options: AuthenticationTokenOptions;

  constructor(options: AuthenticationTokenOptions) {
    this.#options = options;
  }

  /**
   * After an app has lost its access to the session, waits for the next second, since the app tells the new
   * token from those before by its `iat`. If this clock is behind that of the instance that issued the
   * last token, the new token's `iat` is ahead of this clock.
   *
   * @param app the only app that can redeem the token
   * @param address the client's IP address
   * @returns the token and its lifetime, or why there is none
   */
  async issue(
    session: UsedSession,
    app: App,
    address: string,
  ): Promise<{ token: string; expiresIn: number } | { refusal: IssueRefusal }> {
    const { clock } = this.#options;
    for (let at = clock(); ; ) {
      const result = await this.#issueAt(at, session, app, address);
      if (!('issuableAt' in result)) return result;
      await delay(Math.min(result.issuableAt - at, MAX_WAIT_MS));
      at = Math.max(clock(), result.issuableAt);
    }
  }

  async #issueAt(
    at: number,
    session: UsedSession,
    app: App,
    address: string,
  ): Promise<{ token: string; expiresIn: number } | { refusal: IssueRefusal } | TooEarly> {
    const { store, keys, issuer, tokenSeconds } = this.#options;
    const iat = Math.floor(at / 1000);
    const claims: AuthenticationTokenClaims = {
      iss: issuer,
      aud: app.origin,
      sub: session.account.id,
      sid: session.sid,
      jti: randomUUID(),
      iat,
      exp: iat + tokenSeconds,
    };
    const token = keys.sign(AUTHENTICATION_TOKEN_TYPE, claims);
    const refusal = await store.issue(
      {
        hash: sha256(token),
        app: app.origin,
        sid: session.sid,
        sessionTokenHash: session.tokenHash,
        expiresAt: claims.exp * 1000,
      },
      app,
      { at, actor: 'person', address },
    );
    if (refusal === null) return { token, expiresIn: tokenSeconds };
    return typeof refusal === 'string' ? { refusal } : refusal;
  }

  /**
   * Accepts the app's client assertion and redeems the token. Only tokens that we issued have a stored hash,
   * so a match proves the signature and the claims.
   *
   * @param required what the app requires of the session now
   * @param address the IP address of the app's server
   * @returns the claims, the session and the groups of its account for the first caller from the right app,
   *   otherwise the reason for the log; null if the assertion was used before
   */
  async redeem(
    token: string,
    assertion: ClientAssertion,
    required: AppRequirement,
    idleSince: number,
    address: string,
  ): Promise<RedeemedToken | { inactiveReason: InactiveReason } | null> {
    const { store, clock } = this.#options;
    const context = { at: clock(), actor: assertion.app, address };
    const redeemed = await store.redeem(sha256(token), assertion, required, idleSince, context);
    if (redeemed === null || 'inactiveReason' in redeemed) return redeemed;
    return { claims: decodeJwt<AuthenticationTokenClaims>(token), ...redeemed };
  }
}
