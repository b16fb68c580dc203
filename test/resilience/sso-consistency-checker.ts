/**
 * Sends concurrent requests to the SSO service and records what the service acknowledged: sessions that
 * started and ended, redeemed tokens, and failed sign-ins. Then compares the record with its responses.
 */
import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { ADA, type Browser, GRACE } from '../support/browser.ts';
import { NoResponseError } from '../support/http.ts';
import { type Act, ConcurrentActors, MIN_ACTIVE_SESSIONS, onceThen } from './concurrent-actors.ts';

/** The documented limit of failed sign-ins for one account from one address. */
const MAX_FAILURES = 10;
/** Of the checks at the end. More at once could be refused because the database is busy. */
const MAX_CONCURRENT_CHECKS = 16;

interface SsoSession {
  readonly person: Browser;
  /** `ending` while its logout has no response: it may have ended or not. */
  state: 'started' | 'ending' | 'ended';
  /** Known from its first token. */
  sid: string | null;
  /** The person's browsers that are signed in at foo. */
  readonly atFoo: Browser[];
}

interface IssuedToken {
  readonly session: SsoSession;
  readonly token: string;
  /** `sent` while no introspection of it has a response: it may be redeemed or not. */
  state: 'issued' | 'sent' | 'redeemed';
}

export class SsoConsistencyChecker extends ConcurrentActors {
  /** Active sessions, and those that ended since the last check. */
  #sessions: SsoSession[] = [];
  readonly #pastSessions: SsoSession[] = [];
  /** Issued since the last check. `#pastTokens` has the earlier ones, none of which can be redeemed now. */
  readonly #tokens: IssuedToken[] = [];
  readonly #pastTokens: IssuedToken[] = [];
  readonly #usedAssertions: string[] = [];
  #guesses = { username: randomUUID(), checked: 0, unacknowledged: 0 };

  /** Signs people in, two more than have to stay, since a sign-in is slow. */
  async gatherPeople(): Promise<void> {
    while (this.#active().length < MIN_ACTIVE_SESSIONS + 2) await this.#logIn();
  }

  async runUntil(until: () => Promise<unknown>, end: () => Promise<unknown>): Promise<void> {
    await this.run(this.#actors(), until, end);
  }

  /** @returns how many acts got no response */
  async runWhile(during: () => Promise<unknown>): Promise<number> {
    return await this.runDuring(this.#actors(), during);
  }

  /** Four redeem tokens, one signs in at foo, two sign in and out, and one guesses once. */
  #actors(): Act[] {
    const redeem = () => this.#takeToken();
    const comeAndGo = () => (this.#active().length > MIN_ACTIVE_SESSIONS ? this.#logOut() : this.#logIn());
    const guessOnce = onceThen(
      async () => void (await this.#guess()),
      async () => void (await this.random.oneOf(this.#active()).person.loginStatus()),
    );
    const others = [() => this.#signInAtFoo(), comeAndGo, comeAndGo, guessOnce];
    return [redeem, redeem, redeem, redeem, ...others];
  }

  /** Acknowledged changes hold. Every other change happened or didn't, and all responses agree on it. */
  async expectAcknowledgedChanges(): Promise<void> {
    for (const assertion of this.#usedAssertions.splice(0)) {
      const again = await this.site.ipsum.introspect(this.site.sso, 'any', assertion);
      expect(again.status, 'a client assertion is accepted once').toBe(401);
    }
    await forEach(this.#sessions, (session) => this.#expectSession(session));
    await forEach(this.#tokens, (token) => this.#expectToken(token));
    this.#pastTokens.push(...this.#tokens.splice(0));
    this.#pastSessions.push(...this.#sessions.filter(({ state }) => state === 'ended'));
    this.#sessions = this.#active();
  }

  /** Redeemed tokens stay redeemed, apps learn of exactly the ended sessions, and guessing is limited. */
  async expectLastingEnds(): Promise<void> {
    const { ipsum, sso, foo } = this.site;
    for (const { token } of this.#pastTokens) {
      expect((await ipsum.introspect(sso, token)).body).toEqual({ active: false });
    }
    for (const { person } of this.#pastSessions) {
      expect((await person.loginStatus()).body).toEqual({ status: 'signed out' });
    }
    const WITHIN_20_S = { timeout: 20_000 };
    const sidsOf = (sessions: SsoSession[]) => sessions.flatMap(({ sid }) => sid ?? []);
    const notNotified = () => sidsOf(this.#pastSessions).filter((sid) => !ipsum.sids().includes(sid));
    await expect.poll(notNotified, WITHIN_20_S).toEqual([]);
    expect(sidsOf(this.#sessions).filter((sid) => ipsum.sids().includes(sid))).toEqual([]);
    for (const { state, atFoo } of [...this.#sessions, ...this.#pastSessions]) {
      const expected = state === 'ended' ? 'signed out' : 'signed in';
      for (const browser of atFoo) {
        const status = async () => (await browser.appSession(foo)).body['status'];
        await expect.poll(status, WITHIN_20_S).toBe(expected);
      }
    }
    while (await this.#guess());
  }

  /** For the test's output. */
  get summary(): string {
    const [active, ended] = [this.#sessions.length, this.#pastSessions.length];
    return `${active} sessions active, ${ended} ended, ${this.#pastTokens.length} tokens`;
  }

  #active(): SsoSession[] {
    return this.#sessions.filter(({ state }) => state === 'started');
  }

  async #logIn(): Promise<void> {
    const person = this.site.person(this.random.oneOf([ADA, GRACE]));
    expect((await person.logIn()).status).toBe(200);
    this.#sessions.push({ person, state: 'started', sid: null, atFoo: [] });
  }

  async #logOut(): Promise<void> {
    const session = this.random.oneOf(this.#active());
    session.state = 'ending';
    const browser = session.person.copy(); // The original keeps the cookie for later checks.
    expect((await browser.logOut()).status).toBe(200);
    session.state = 'ended';
  }

  /** Step 3, and mostly two introspections of its token at once, of which one at most is active. */
  async #takeToken(): Promise<void> {
    const session = this.random.oneOf(this.#active());
    const { status, body } = await session.person.authenticationToken(this.site.ipsum);
    if (status === 401) return this.#expectEnded(session);
    expect(status).toBe(200);
    const token: IssuedToken = { session, token: String(body['token']), state: 'issued' };
    session.sid = String(decodeJwt(token.token)['sid']);
    this.#tokens.push(token);
    if (this.random.below(3) > 0) await this.#redeem(token);
  }

  async #redeem(token: IssuedToken): Promise<void> {
    const { ipsum, sso } = this.site;
    token.state = 'sent';
    const assertion = await ipsum.clientAssertion(sso);
    const both = [ipsum.introspect(sso, token.token, assertion), ipsum.introspect(sso, token.token)];
    const responses = await Promise.allSettled(both);
    const actives = responses.map((response) => {
      if (response.status === 'rejected') return null;
      expect(response.value, 'a refusal says nothing about the token').toMatchObject({ status: 200 });
      return response.value.body['active'];
    });
    const active = actives.filter((each) => each === true).length;
    expect(active).toBeLessThanOrEqual(1);
    if (active === 1) token.state = 'redeemed';
    else if (!actives.includes(null)) this.#expectEnded(token.session);
    if (responses[0]?.status === 'fulfilled') this.#usedAssertions.push(assertion);
    const failed = responses.find((response) => response.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #signInAtFoo(): Promise<void> {
    const session = this.random.oneOf(this.#active());
    const browser = session.person.copy();
    const { status } = await browser.signInAt(this.site.foo);
    if (status === 201) session.atFoo.push(browser);
    else if (status === 401) this.#expectEnded(session);
    else expect([status, this.isEnding], 'only a service that is ending is unavailable').toEqual([503, true]);
  }

  /** A wrong password for an unknown username. @returns whether it was checked */
  async #guess(): Promise<boolean> {
    const guesses = this.#guesses;
    try {
      const { status } = await this.site.person({ username: guesses.username, password: 'a guess' }).logIn();
      // Guesses without a response may have been counted or not.
      if (status === 429)
        expect(guesses.checked + guesses.unacknowledged).toBeGreaterThanOrEqual(MAX_FAILURES);
      else expect([status, guesses.checked < MAX_FAILURES]).toEqual([401, true]);
      if (status === 429) this.#guesses = { username: randomUUID(), checked: 0, unacknowledged: 0 };
      else guesses.checked += 1;
      return status === 401;
    } catch (error) {
      if (error instanceof NoResponseError) guesses.unacknowledged += 1;
      throw error;
    }
  }

  /** The service reports the session as signed out, so its logout was sent and stays in effect. */
  #expectEnded(session: SsoSession): void {
    expect(session.state, 'only an ended session may be signed out').not.toBe('started');
    session.state = 'ended';
  }

  async #expectSession(session: SsoSession): Promise<void> {
    const { body } = await session.person.loginStatus();
    if (session.state === 'ending') session.state = body['status'] === 'signed in' ? 'started' : 'ended';
    expect(body['status']).toBe(session.state === 'started' ? 'signed in' : 'signed out');
  }

  async #expectToken(token: IssuedToken): Promise<void> {
    const { ipsum, sso } = this.site;
    const isActive = async () => (await ipsum.introspect(sso, token.token)).body['active'];
    const first = await isActive();
    if (token.state === 'redeemed' || token.session.state === 'ended') expect(first).toBe(false);
    else if (token.state === 'issued') expect(first, 'an issued token can be redeemed').toBe(true);
    token.state = 'redeemed';
    expect(await isActive()).toBe(false);
  }
}

async function forEach<Item>(items: readonly Item[], check: (item: Item) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += MAX_CONCURRENT_CHECKS) {
    await Promise.all(items.slice(start, start + MAX_CONCURRENT_CHECKS).map(check));
  }
}
