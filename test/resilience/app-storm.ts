/**
 * A storm at an app, foo, and the book of what it acknowledged: app sessions that are there, and those that ended, by
 * their person, by another sign-in in the same browser or by a logout of the SSO session. `held` compares the two.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { APP_PATHS, LOGOUT_EVENT, LOGOUT_TOKEN_SECONDS, LOGOUT_TOKEN_TYPE } from '@samesite-sso/protocol';
import { decodeJwt, importJWK, SignJWT } from 'jose';
import { expect } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { postForm } from '../support/http.ts';
import type { RunningSite } from '../support/process-site.ts';
import type { Chance } from './seeded-random.ts';
import { onceThen, Storm } from './storm.ts';

/** Sessions that are left alone, so that there is always somebody to ask for. */
const KEPT = 4;

/** `ending` while what ends it is unanswered: then it may have ended or not. */
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
  /** `refused` once it was tried again. */
  state: 'sent' | 'accepted' | 'refused';
}

export class AppStorm extends Storm {
  readonly #site: RunningSite;
  readonly #chance: Chance;
  readonly #ssoSessions: SsoSession[] = [];
  /** The living, and those that ended since the last time it was ended; and all before them. */
  #sessions: AppSession[] = [];
  readonly #pastSessions: AppSession[] = [];
  readonly #logoutTokens: LogoutToken[] = [];
  readonly #spentTokens: string[] = [];

  constructor(site: RunningSite, chance: Chance) {
    super();
    this.#site = site;
    this.#chance = chance;
  }

  /** Signs people in at the SSO service, as many as a storm may log out and some more, and a few of them at foo. */
  async gather(): Promise<void> {
    while (this.#alive(this.#ssoSessions).length < KEPT) {
      const person = this.#site.person();
      await person.logIn();
      const { body } = await person.authenticationToken(this.#site.ipsum);
      const sid = String(decodeJwt(String(body['token']))['sid']);
      this.#ssoSessions.push({ person, sid, state: 'started' });
    }
    while (this.#alive(this.#sessions).length < KEPT) await this.#signIn();
  }

  /** Three sign in, two look, one signs out at foo, and there are two logouts: one told by the test, one by the service. */
  async rageUntil(until: () => Promise<unknown>, kill: () => Promise<unknown>): Promise<void> {
    const [first, second] = this.#alive(this.#ssoSessions);
    const [signIn, look] = [() => this.#signIn(), () => this.#look()];
    const end = () => {
      const living = this.#alive(this.#sessions).filter(({ sso }) => sso.state === 'started');
      if (living.length <= KEPT) return this.#signIn();
      const session = this.#chance.oneOf(living);
      return this.#chance.below(3) === 0 ? this.#signIn(session) : this.#signOut(session);
    };
    if (first === undefined || second === undefined) throw new Error('nobody has been gathered');
    const told = onceThen(() => this.#tellLogout(first), look);
    const real = onceThen(() => this.#logOut(second), look);
    await this.rage([signIn, signIn, signIn, look, look, end, told, real], until, kill);
  }

  /** Whatever was acknowledged since the last time holds; what was not is one of two things, and stays it. */
  async held(): Promise<void> {
    for (const logout of this.#logoutTokens.filter(({ state }) => state !== 'refused')) {
      await this.#logoutHeld(logout);
    }
    const { foo } = this.#site;
    await expect
      .poll(() => this.#ofLoggedOut('signed in'), { timeout: 20_000, message: 'logouts arrive in the end' })
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

  /** What ended before is over still, and no logout is accepted again. */
  async settled(): Promise<void> {
    for (const logout of this.#logoutTokens) expect(await this.#send(logout)).toBe(400);
    for (const { browser } of this.#pastSessions) {
      expect((await browser.appSession(this.#site.foo)).body).toEqual({ status: 'signed out' });
    }
  }

  /** How much there was of it, for the reader of the output. */
  get summary(): string {
    const [living, ended] = [this.#sessions.length, this.#pastSessions.length];
    return `${living} app sessions living, ${ended} ended, ${this.#logoutTokens.length} logouts told`;
  }

  #alive<Session extends { state: State }>(sessions: readonly Session[]): Session[] {
    return sessions.filter(({ state }) => state === 'started');
  }

  /** In a browser that is new here, or in one that is signed in: then that session ends, both or neither. */
  async #signIn(replaced: AppSession | null = null): Promise<void> {
    const sso = replaced?.sso ?? this.#chance.oneOf(this.#alive(this.#ssoSessions));
    const browser = (replaced?.browser ?? sso.person).copy();
    if (replaced !== null) replaced.state = 'ending';
    const { status: issued, body } = await browser.authenticationToken(this.#site.foo);
    const { status } =
      issued === 200 ? await browser.redeem(this.#site.foo, body['token']) : { status: issued };
    if (status === 401)
      return void expect(sso.state, 'only who is logged out is refused').not.toBe('started');
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
    expect(isEnding, 'only a session that somebody ends is over').toBe(true);
    session.state = 'ended';
  }

  async #signOut(session: AppSession): Promise<void> {
    session.state = 'ending';
    const browser = session.browser.copy(); // Its person keeps the cookie, and can ask with it afterwards.
    expect((await browser.signOutAt(this.#site.foo)).status).toBe(200);
    session.state = 'ended';
  }

  /** As the SSO service would tell it; who holds its key here can tell the same twice. */
  async #tellLogout(sso: SsoSession): Promise<void> {
    const logout: LogoutToken = { token: await this.#logoutToken(sso.sid), sso, state: 'sent' };
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

  /** App sessions whose SSO session is logged out, and that have this status nevertheless. */
  async #ofLoggedOut(status: string): Promise<string[]> {
    const found: string[] = [];
    for (const session of this.#sessions.filter(({ sso }) => sso.state === 'ended')) {
      const { body } = await session.browser.appSession(this.#site.foo);
      if (body['status'] === status) found.push(session.sso.sid);
      else session.state = 'ended';
    }
    return found;
  }

  /** A logout token is accepted once: what was answered is refused now, what was not is refused the time after. */
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

  async #logoutToken(sid: string): Promise<string> {
    const { keys } = JSON.parse(readFileSync(`${this.#site.databaseOf('sso')}.keys.json`, 'utf8'));
    return await new SignJWT({ sid, events: { [LOGOUT_EVENT]: {} } })
      .setProtectedHeader({ alg: 'EdDSA', kid: keys[0].kid, typ: LOGOUT_TOKEN_TYPE })
      .setIssuer(this.#site.sso.origin)
      .setAudience(this.#site.foo.origin)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(`${LOGOUT_TOKEN_SECONDS}s`)
      .sign(await importJWK(keys[0], 'EdDSA'));
  }
}
