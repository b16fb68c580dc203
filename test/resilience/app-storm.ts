/**
 * Concurrent requests to foo, and a record of what it acknowledged: app sessions that started, and those that
 * ended by a sign-out, another sign-in in the same browser, or the end of the SSO session. Compares the
 * record with foo's answers.
 */
import { randomUUID } from 'node:crypto';
import { APP_PATHS, LOGOUT_EVENT, LOGOUT_TOKEN_SECONDS, LOGOUT_TOKEN_TYPE } from '@samesite-sso/protocol';
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { keyOf, signedBy } from '../security/forging.ts';
import type { Browser } from '../support/browser.ts';
import { postForm } from '../support/http.ts';
import type { RunningSite } from '../support/process-site.ts';
import type { SeededRandom } from './seeded-random.ts';
import { onceThen, Storm } from './storm.ts';

/** Sessions that stay, so that there is always one to ask about. */
const MIN_LIVING_SESSIONS = 4;

/** `ending` while the request that ends it is unanswered: it may have ended or not. */
type State = 'started' | 'ending' | 'ended';

interface SsoSession {
  readonly person: Browser;
  readonly sid: string;
  state: State;
}

interface AppSession {
  readonly browser: Browser;
  readonly sso: SsoSession;
  state: State;
}

interface LogoutToken {
  readonly token: string;
  readonly sso: SsoSession;
  /** `refused` once it was sent again. */
  state: 'sent' | 'accepted' | 'refused';
}

export class AppStorm extends Storm {
  readonly #site: RunningSite;
  readonly #chance: SeededRandom;
  readonly #ssoSessions: SsoSession[] = [];
  /** Living sessions, and those that ended since foo's last end. Earlier ones are in `#pastSessions`. */
  #sessions: AppSession[] = [];
  readonly #pastSessions: AppSession[] = [];
  readonly #logoutTokens: LogoutToken[] = [];
  readonly #spentTokens: string[] = [];

  constructor(site: RunningSite, chance: SeededRandom) {
    super();
    this.#site = site;
    this.#chance = chance;
  }

  /** Signs people in: at the SSO service more than one run signs out, and some of them at foo. */
  async gatherPeople(): Promise<void> {
    while (this.#alive(this.#ssoSessions).length < MIN_LIVING_SESSIONS) {
      const person = this.#site.person();
      await person.logIn();
      const { body } = await person.authenticationToken(this.#site.ipsum);
      const sid = String(decodeJwt(String(body['token']))['sid']);
      this.#ssoSessions.push({ person, sid, state: 'started' });
    }
    while (this.#alive(this.#sessions).length < MIN_LIVING_SESSIONS) await this.#signIn();
  }

  /**
   * Eight actors: three sign in, two read their session, one signs out at foo, and two sessions end by logout
   * tokens, one sent by the test and one by the SSO service.
   */
  async runUntil(until: () => Promise<unknown>, kill: () => Promise<unknown>): Promise<void> {
    const [first, second] = this.#alive(this.#ssoSessions);
    const [signIn, look] = [() => this.#signIn(), () => this.#look()];
    const end = () => {
      const living = this.#alive(this.#sessions).filter(({ sso }) => sso.state === 'started');
      if (living.length <= MIN_LIVING_SESSIONS) return this.#signIn();
      const session = this.#chance.oneOf(living);
      return this.#chance.below(3) === 0 ? this.#signIn(session) : this.#signOut(session);
    };
    if (first === undefined || second === undefined) throw new Error('nobody is signed in');
    const told = onceThen(() => this.#tellLogout(first), look);
    const real = onceThen(() => this.#logOut(second), look);
    await this.run([signIn, signIn, signIn, look, look, end, told, real], until, kill);
  }

  /** What foo acknowledged since its last end is true. What it didn't is one of two things, and stays so. */
  async expectPromisesKept(): Promise<void> {
    for (const logout of this.#logoutTokens.filter(({ state }) => state !== 'refused')) {
      await this.#logoutHeld(logout);
    }
    const { foo } = this.#site;
    await expect
      .poll(() => this.#ofLoggedOut('signed in'), {
        timeout: 20_000,
        message: 'logout tokens are delivered eventually',
      })
      .toEqual([]);
    for (const session of this.#sessions) {
      const { body } = await session.browser.appSession(foo);
      if (session.state === 'ending') session.state = body['status'] === 'signed in' ? 'started' : 'ended';
      expect(body['status']).toBe(session.state === 'started' ? 'signed in' : 'signed out');
    }
    for (const token of this.#spentTokens.splice(0)) {
      expect((await this.#site.person().redeem(foo, token)).body).toMatchObject({ code: 'invalid-token' });
    }
    this.#pastSessions.push(...this.#sessions.filter(({ state }) => state === 'ended'));
    this.#sessions = this.#alive(this.#sessions);
  }

  /** Sessions that ended are over, and no logout token is accepted again. */
  async expectLastingEnds(): Promise<void> {
    for (const logout of this.#logoutTokens) expect(await this.#send(logout)).toBe(400);
    for (const { browser } of this.#pastSessions) {
      expect((await browser.appSession(this.#site.foo)).body).toEqual({ status: 'signed out' });
    }
  }

  /** For the test's output. */
  get summary(): string {
    const [living, ended] = [this.#sessions.length, this.#pastSessions.length];
    return `${living} app sessions living, ${ended} ended, ${this.#logoutTokens.length} logout tokens`;
  }

  #alive<Session extends { state: State }>(sessions: readonly Session[]): Session[] {
    return sessions.filter(({ state }) => state === 'started');
  }

  /** In a new browser, or in one with a session, which ends if and only if the new one starts. */
  async #signIn(replaced: AppSession | null = null): Promise<void> {
    const sso = replaced?.sso ?? this.#chance.oneOf(this.#alive(this.#ssoSessions));
    const browser = (replaced?.browser ?? sso.person).copy();
    if (replaced !== null) replaced.state = 'ending';
    const { status: issued, body } = await browser.authenticationToken(this.#site.foo);
    const { status } =
      issued === 200 ? await browser.redeem(this.#site.foo, body['token']) : { status: issued };
    if (status === 401)
      return void expect(sso.state, 'only a person whose SSO session ended is refused').not.toBe('started');
    expect(status).toBe(201);
    if (replaced !== null) replaced.state = 'ended';
    this.#spentTokens.push(String(body['token']));
    this.#sessions.push({ browser, sso, state: 'started' });
  }

  async #look(): Promise<void> {
    const session = this.#chance.oneOf(this.#sessions);
    const before = session.state;
    const { body } = await session.browser.appSession(this.#site.foo);
    if (before === 'ended') expect(body['status']).toBe('signed out');
    if (body['status'] === 'signed in') return;
    const isEnding = session.state !== 'started' || session.sso.state !== 'started';
    expect(isEnding, 'only a session that was ended is over').toBe(true);
    session.state = 'ended';
  }

  async #signOut(session: AppSession): Promise<void> {
    session.state = 'ending';
    const browser = session.browser.copy(); // The original keeps the cookie, to ask with it afterwards.
    expect((await browser.signOutAt(this.#site.foo)).status).toBe(200);
    session.state = 'ended';
  }

  /** A logout token under the SSO service's own key, so that the same one can be sent twice. */
  async #tellLogout(sso: SsoSession): Promise<void> {
    const logout: LogoutToken = { token: this.#logoutToken(sso.sid), sso, state: 'sent' };
    this.#logoutTokens.push(logout);
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

  /** App sessions with this status although their SSO session ended. */
  async #ofLoggedOut(status: string): Promise<string[]> {
    const found: string[] = [];
    for (const session of this.#sessions.filter(({ sso }) => sso.state === 'ended')) {
      const { body } = await session.browser.appSession(this.#site.foo);
      if (body['status'] === status) found.push(session.sso.sid);
      else session.state = 'ended';
    }
    return found;
  }

  /** A logout token is accepted once: an unanswered one is refused at the latest when it is sent again. */
  async #logoutHeld(logout: LogoutToken): Promise<void> {
    const status = await this.#send(logout);
    if (logout.state === 'accepted') expect(status).toBe(400);
    else expect(await this.#send(logout)).toBe(400);
    logout.state = 'refused';
    logout.sso.state = 'ended';
  }

  async #send({ token }: LogoutToken): Promise<number> {
    const form = { logout_token: token };
    return (await postForm(this.#site.foo, APP_PATHS.backchannelLogout, form)).status;
  }

  #logoutToken(sid: string): string {
    const { sso, foo } = this.#site;
    const iat = Math.floor(Date.now() / 1000);
    const claims = {
      iss: sso.origin,
      aud: foo.origin,
      sid,
      jti: randomUUID(),
      iat,
      exp: iat + LOGOUT_TOKEN_SECONDS,
    };
    const key = keyOf({ database: this.#site.databaseOf('sso') });
    return signedBy(key, { typ: LOGOUT_TOKEN_TYPE }, { ...claims, events: { [LOGOUT_EVENT]: {} } });
  }
}
