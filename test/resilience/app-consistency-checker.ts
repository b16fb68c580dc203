/**
 * Sends concurrent requests to foo and records what foo acknowledged: app sessions that started, and those
 * that ended by a sign-out, another sign-in in the same browser, or the end of the SSO session. Then compares
 * the record with foo's responses.
 */
import { APP_PATHS, LOGOUT_TOKEN_TYPE } from '@samesite-sso/protocol';
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { keyOf, logoutClaims, signedBy } from '../security/create-jws.ts';
import type { Browser } from '../support/browser.ts';
import { postForm } from '../support/http.ts';
import type { RunningSite } from '../support/process-site.ts';
import { ConcurrentActors, MIN_ACTIVE_SESSIONS, onceThen } from './concurrent-actors.ts';

/** `ending` while the request that ends it has no response: it may have ended or not. */
type State = 'started' | 'ending' | 'ended';

interface SsoSession {
  readonly person: Browser;
  readonly sid: string;
  state: State;
  /**
   * In seconds since the epoch. A logout token of the test leaves the SSO session as it is, so it doesn't end
   * an app session whose authentication token was issued later.
   */
  logoutIssuedAt: number;
}

interface AppSession {
  readonly browser: Browser;
  readonly sso: SsoSession;
  /** In seconds since the epoch. */
  readonly tokenIssuedAt: number;
  state: State;
}

interface LogoutToken {
  readonly token: string;
  readonly sso: SsoSession;
  /** `refused` after it was sent again. */
  state: 'sent' | 'accepted' | 'refused';
}

export class AppConsistencyChecker extends ConcurrentActors<RunningSite> {
  readonly #ssoSessions: SsoSession[] = [];
  /** Active sessions, and those that ended since the last check. `#pastSessions` has the earlier ones. */
  #sessions: AppSession[] = [];
  readonly #pastSessions: AppSession[] = [];
  readonly #logoutTokens: LogoutToken[] = [];
  readonly #redeemedTokens: string[] = [];

  /** Signs in more people at the SSO service than one run signs out, and some of them at foo. */
  async gatherPeople(): Promise<void> {
    while (this.#active(this.#ssoSessions).length < MIN_ACTIVE_SESSIONS) {
      const person = this.site.person();
      await person.logIn();
      const { body } = await person.authenticationToken(this.site.ipsum);
      const sid = String(decodeJwt(String(body['token']))['sid']);
      this.#ssoSessions.push({ person, sid, state: 'started', logoutIssuedAt: Infinity });
    }
    while (this.#active(this.#sessions).length < MIN_ACTIVE_SESSIONS) await this.#signIn();
  }

  /**
   * Eight actors: three sign in, two read their session, one signs out at foo, and two sessions end by logout
   * tokens, one sent by the test and one by the SSO service.
   */
  async runUntil(until: () => Promise<unknown>, kill: () => Promise<unknown>): Promise<void> {
    const [first, second] = this.#active(this.#ssoSessions);
    const [signIn, read] = [() => this.#signIn(), () => this.#readSession()];
    const end = () => {
      const active = this.#active(this.#sessions).filter(({ sso }) => sso.state === 'started');
      if (active.length <= MIN_ACTIVE_SESSIONS) return this.#signIn();
      const session = this.random.oneOf(active);
      return this.random.below(3) === 0 ? this.#signIn(session) : this.#signOut(session);
    };
    if (first === undefined || second === undefined) throw new Error('nobody is signed in');
    const ownLogout = onceThen(() => this.#sendOwnLogout(first), read);
    const realLogout = onceThen(() => this.#logOut(second), read);
    await this.run([signIn, signIn, signIn, read, read, end, ownLogout, realLogout], until, kill);
  }

  /** Acknowledged changes hold. Every other change happened or didn't, and all responses agree on it. */
  async expectAcknowledgedChanges(): Promise<void> {
    for (const logout of this.#logoutTokens.filter(({ state }) => state !== 'refused')) {
      await this.#expectRefusedAgain(logout);
    }
    const { foo } = this.site;
    await expect
      .poll(() => this.#stillSignedIn(), {
        timeout: 20_000,
        message: 'logout tokens are delivered eventually',
      })
      .toEqual([]);
    for (const session of this.#sessions) {
      const { body } = await session.browser.appSession(foo);
      if (session.state === 'ending') session.state = body['status'] === 'signed in' ? 'started' : 'ended';
      expect(body['status']).toBe(session.state === 'started' ? 'signed in' : 'signed out');
    }
    for (const token of this.#redeemedTokens.splice(0)) {
      expect((await this.site.person().redeem(foo, token)).body).toMatchObject({ code: 'invalid-token' });
    }
    this.#pastSessions.push(...this.#sessions.filter(({ state }) => state === 'ended'));
    this.#sessions = this.#active(this.#sessions);
  }

  /** Ended sessions stay ended, and no logout token is accepted again. */
  async expectLastingEnds(): Promise<void> {
    for (const logout of this.#logoutTokens) expect(await this.#send(logout)).toBe(400);
    for (const { browser } of this.#pastSessions) {
      expect((await browser.appSession(this.site.foo)).body).toEqual({ status: 'signed out' });
    }
  }

  /** For the test's output. */
  get summary(): string {
    const [active, ended] = [this.#sessions.length, this.#pastSessions.length];
    return `${active} app sessions active, ${ended} ended, ${this.#logoutTokens.length} logout tokens`;
  }

  #active<Session extends { state: State }>(sessions: readonly Session[]): Session[] {
    return sessions.filter(({ state }) => state === 'started');
  }

  /** In a new browser, or in one with a session, which ends if and only if the new one starts. */
  async #signIn(replaced: AppSession | null = null): Promise<void> {
    const sso = replaced?.sso ?? this.random.oneOf(this.#active(this.#ssoSessions));
    const browser = (replaced?.browser ?? sso.person).copy();
    if (replaced !== null) replaced.state = 'ending';
    const { status: issued, body } = await browser.authenticationToken(this.site.foo);
    const { status } =
      issued === 200 ? await browser.redeem(this.site.foo, body['token']) : { status: issued };
    if (status === 401)
      return void expect(sso.state, 'only a person whose SSO session ended is refused').not.toBe('started');
    expect(status).toBe(201);
    if (replaced !== null) replaced.state = 'ended';
    const token = String(body['token']);
    this.#redeemedTokens.push(token);
    const { iat: tokenIssuedAt = 0 } = decodeJwt(token);
    this.#sessions.push({ browser, sso, tokenIssuedAt, state: 'started' });
  }

  async #readSession(): Promise<void> {
    const session = this.random.oneOf(this.#sessions);
    const before = session.state;
    const { body } = await session.browser.appSession(this.site.foo);
    if (before === 'ended') expect(body['status']).toBe('signed out');
    if (body['status'] === 'signed in') return;
    const isEnding = session.state !== 'started' || session.sso.state !== 'started';
    expect(isEnding, 'only an ended session may be signed out').toBe(true);
    session.state = 'ended';
  }

  async #signOut(session: AppSession): Promise<void> {
    session.state = 'ending';
    const browser = session.browser.copy(); // The original keeps the cookie for later checks.
    expect((await browser.signOutAt(this.site.foo)).status).toBe(200);
    session.state = 'ended';
  }

  /** A logout token under the SSO service's own key, so that the same one can be sent twice. */
  async #sendOwnLogout(sso: SsoSession): Promise<void> {
    const key = keyOf({ database: this.site.databaseOf('sso') });
    const claims = logoutClaims(this.site, this.site.foo, sso.sid);
    const token = signedBy(key, { typ: LOGOUT_TOKEN_TYPE }, claims);
    const logout: LogoutToken = { token, sso, state: 'sent' };
    this.#logoutTokens.push(logout);
    sso.logoutIssuedAt = claims.iat;
    sso.state = 'ending';
    expect(await this.#send(logout)).toBe(200);
    sso.state = 'ended';
    logout.state = 'accepted';
  }

  async #logOut(sso: SsoSession): Promise<void> {
    sso.state = 'ending';
    expect((await sso.person.copy().logOut()).status).toBe(200);
    sso.state = 'ended';
  }

  /** The `sid`s of active app sessions that a logout token has to end. */
  async #stillSignedIn(): Promise<string[]> {
    const found: string[] = [];
    const hasToEnd = ({ sso, tokenIssuedAt }: AppSession) =>
      sso.state === 'ended' && tokenIssuedAt <= sso.logoutIssuedAt;
    for (const session of this.#sessions.filter(hasToEnd)) {
      const { body } = await session.browser.appSession(this.site.foo);
      if (body['status'] === 'signed in') found.push(session.sso.sid);
      else session.state = 'ended';
    }
    return found;
  }

  /** A logout token is accepted once. One without a response may be accepted now, but not a second time. */
  async #expectRefusedAgain(logout: LogoutToken): Promise<void> {
    const status = await this.#send(logout);
    if (logout.state === 'accepted') expect(status).toBe(400);
    else expect(await this.#send(logout)).toBe(400);
    logout.state = 'refused';
    logout.sso.state = 'ended';
  }

  async #send({ token }: LogoutToken): Promise<number> {
    const form = { logout_token: token };
    return (await postForm(this.site.foo, APP_PATHS.backchannelLogout, form)).status;
  }
}
