/**
 * App sessions: started by a redeemed authentication token, found by the session token in the cookie, ended
 * by sign-out, by single logout or by expiry. An app session has a fixed lifetime and never outlives its SSO
 * session's latest end. The page renews an expired one silently through steps 2 to 4. `storage/app-store.ts`
 * says what holds when several of these happen at the same time.
 */
import { createSessionToken, HttpProblem, sha256 } from '@samesite-sso/core';
import type { Account, AuthenticationMethods, LogoutTokenClaims } from '@samesite-sso/protocol';
import type { AppSession, AppStore, StoredAppSession } from './storage/app-store.ts';

/** What a redeemed authentication token says. */
interface SignIn {
  account: Account;
  sid: string;
  tokenIssuedAt: number;
  /** The latest end of the SSO session. */
  ssoEndsAt: number;
  authenticatedAt: number;
  amr: AuthenticationMethods;
  groups: string[];
}

export class AppSessions {
  readonly #store: Pick<AppStore, 'sessions' | 'signOuts'>;
  readonly #clock: () => number;
  readonly #lifetimeMs: number;

  constructor(store: Pick<AppStore, 'sessions' | 'signOuts'>, clock: () => number, lifetimeSeconds: number) {
    this.#store = store;
    this.#clock = clock;
    this.#lifetimeMs = lifetimeSeconds * 1000;
  }

  /**
   * Starts a session under a new session token, and ends the one whose token came with the request.
   *
   * @throws {HttpProblem} `invalid-token` when a logout of the SSO session came first
   */
  async start(
    signIn: SignIn,
    replacedSessionToken: string | null,
  ): Promise<{ sessionToken: string; maxAgeSeconds: number }> {
    const sessionToken = createSessionToken();
    const startedAt = this.#clock();
    const endsAt = Math.min(startedAt + this.#lifetimeMs, signIn.ssoEndsAt);
    // A sign-in that the SSO service's clock puts in the future would count as recent for longer.
    const authenticatedAt = Math.min(signIn.authenticatedAt, startedAt);
    const session = { ...signIn, authenticatedAt, tokenHash: sha256(sessionToken), startedAt, endsAt };
    const replaced = replacedSessionToken === null ? null : sha256(replacedSessionToken);
    if (!(await call(() => this.#store.sessions.start(session, replaced)))) {
      throw new HttpProblem('invalid-token', { logReason: 'its SSO session has been logged out' });
    }
    return { sessionToken, maxAgeSeconds: toWholeSeconds(endsAt - startedAt) };
  }

  /** The whole seconds until an active session ends, at least 1. */
  secondsLeft({ endsAt }: Pick<AppSession, 'endsAt'>): number {
    return toWholeSeconds(endsAt - this.#clock());
  }

  async find(sessionToken: string | null): Promise<StoredAppSession | null> {
    if (sessionToken === null) return null;
    return await call(() => this.#store.sessions.find(sha256(sessionToken), this.#clock()));
  }

  /**
   * With the scope `site`, ends all app sessions of the session's SSO session, and records that the SSO
   * service is to end it too (`sign-out-delivery.ts`). This app starts no further session for that `sid`.
   *
   * @returns whether there was such a session
   */
  async end(sessionToken: string, scope: 'app' | 'site'): Promise<boolean> {
    return await call(() => this.#store.sessions.end(sha256(sessionToken), scope, this.#clock()));
  }

  /**
   * Ends the app sessions of an SSO session whose tokens aren't newer than the logout token, and keeps a
   * running step 4 with such a token from starting another.
   *
   * @returns false if the logout token has been used before
   */
  async endBySid({ sid, jti, iat }: Pick<LogoutTokenClaims, 'sid' | 'jti' | 'iat'>): Promise<boolean> {
    const logout = { sid, jti, issuedAt: iat * 1000 };
    return await call(() => this.#store.sessions.endBySid(logout, this.#clock()));
  }

  async isSignedOutOfSite(sid: string): Promise<boolean> {
    return await call(() => this.#store.signOuts.has(sid));
  }
}

/** Calls the store, which may be the app's own. Any error that it throws means that it can't be used now. */
async function call<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    const logReason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new HttpProblem('unavailable', { logReason });
  }
}

function toWholeSeconds(milliseconds: number): number {
  return Math.max(1, Math.floor(milliseconds / 1000));
}
