/**
 * Concurrent requests to the SSO service, and a record of what it acknowledged: sessions that started and
 * ended, tokens that were redeemed, and failed sign-ins. Compares the record with the service's answers.
 */
import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { ADA, type Browser, GRACE } from '../support/browser.ts';
import { NoAnswerError } from '../support/http.ts';
import type { RunningSite } from '../support/process-site.ts';
import type { SeededRandom } from './seeded-random.ts';
import { onceThen, Storm } from './storm.ts';

/** Sessions that stay, so that there is always one to ask about. */
const MIN_LIVING_SESSIONS = 4;
/** The contract's limit of failed sign-ins for one account from one address. */
const MAX_FAILURES = 10;

interface SsoSession {
  readonly person: Browser;
  /** `ending` while its logout is unanswered: it may have ended or not. */
  state: 'started' | 'ending' | 'ended';
  /** Known from its first token. */
  sid: string | null;
  /** The person's browsers that are signed in at foo. */
  readonly atFoo: Browser[];
}

interface IssuedToken {
  readonly session: SsoSession;
  readonly token: string;
  /** `asked` while no introspection of it was answered: it may be redeemed or not. */
  state: 'issued' | 'asked' | 'spent';
}

export class SsoStorm extends Storm {
  readonly #site: RunningSite;
  readonly #chance: SeededRandom;
  /** Living sessions, and those that ended since the service's last end. */
  #sessions: SsoSession[] = [];
  readonly #pastSessions: SsoSession[] = [];
  /** Issued since the service's last end, and before. The latter can't be redeemed any longer. */
  readonly #tokens: IssuedToken[] = [];
  readonly #pastTokens: IssuedToken[] = [];
  readonly #spentAssertions: string[] = [];
  #guesses = { username: randomUUID(), answered: 0, unanswered: 0 };

  constructor(site: RunningSite, chance: SeededRandom) {
    super();
    this.#site = site;
    this.#chance = chance;
  }

  /** Signs people in, two more than have to stay: a sign-in takes long. */
  async gatherPeople(): Promise<void> {
    while (this.#living().length < MIN_LIVING_SESSIONS + 2) await this.#logIn();
  }

  /** Four redeem tokens, one signs in at foo, two sign in and out, and one guesses once. */
  async runUntil(until: () => Promise<unknown>, end: () => Promise<unknown>): Promise<void> {
    const redeem = () => this.#takeToken();
    const comeAndGo = () => (this.#living().length > MIN_LIVING_SESSIONS ? this.#logOut() : this.#logIn());
    const guessOnce = onceThen(
      async () => void (await this.#guess()),
      async () => void (await this.#chance.oneOf(this.#living()).person.loginStatus()),
    );
    const others = [() => this.#signInAtFoo(), comeAndGo, comeAndGo, guessOnce];
    await this.run([redeem, redeem, redeem, redeem, ...others], until, end);
  }

  /** What the service acknowledged is true. What it didn't is one of two things, and stays so. */
  async expectPromisesKept(): Promise<void> {
    for (const assertion of this.#spentAssertions.splice(0)) {
      const again = await this.#site.ipsum.introspect(this.#site.sso, 'any', assertion);
      expect(again.status, 'a client assertion is accepted once').toBe(401);
    }
    await Promise.all(this.#sessions.map((session) => this.#sessionHeld(session)));
    await Promise.all(this.#tokens.map((token) => this.#tokenHeld(token)));
    this.#pastTokens.push(...this.#tokens.splice(0));
    this.#pastSessions.push(...this.#sessions.filter(({ state }) => state === 'ended'));
    this.#sessions = this.#living();
  }

  /** Redeemed tokens stay redeemed, the apps hear of every end and of no other, and guessing is limited. */
  async expectLastingEnds(): Promise<void> {
    const { ipsum, sso, foo } = this.#site;
    for (const { token } of this.#pastTokens) {
      expect((await ipsum.introspect(sso, token)).body).toEqual({ active: false });
    }
    for (const { person } of this.#pastSessions) {
      expect((await person.loginStatus()).body).toEqual({ status: 'signed out' });
    }
    const withinStep4 = { timeout: 20_000 };
    const sidsOf = (sessions: SsoSession[]) => sessions.flatMap(({ sid }) => sid ?? []);
    const untold = () => sidsOf(this.#pastSessions).filter((sid) => !ipsum.sids().includes(sid));
    await expect.poll(untold, withinStep4).toEqual([]);
    expect(sidsOf(this.#sessions).filter((sid) => ipsum.sids().includes(sid))).toEqual([]);
    for (const { state, atFoo } of [...this.#sessions, ...this.#pastSessions]) {
      const expected = state === 'ended' ? 'signed out' : 'signed in';
      for (const browser of atFoo) {
        const status = async () => (await browser.appSession(foo)).body['status'];
        await expect.poll(status, withinStep4).toBe(expected);
      }
    }
    while (await this.#guess());
  }

  /** For the test's output. */
  get summary(): string {
    const [living, ended] = [this.#sessions.length, this.#pastSessions.length];
    return `${living} sessions living, ${ended} ended, ${this.#pastTokens.length} tokens`;
  }

  #living(): SsoSession[] {
    return this.#sessions.filter(({ state }) => state === 'started');
  }

  async #logIn(): Promise<void> {
    const person = this.#site.person(this.#chance.oneOf([ADA, GRACE]));
    expect((await person.logIn()).status).toBe(200);
    this.#sessions.push({ person, state: 'started', sid: null, atFoo: [] });
  }

  async #logOut(): Promise<void> {
    const session = this.#chance.oneOf(this.#living());
    session.state = 'ending';
    const browser = session.person.copy(); // The original keeps the cookie, to ask with it afterwards.
    expect((await browser.logOut()).status).toBe(200);
    session.state = 'ended';
  }

  /** Step 3, and mostly two introspections of its token at once, of which one at most is active. */
  async #takeToken(): Promise<void> {
    const session = this.#chance.oneOf(this.#living());
    const { status, body } = await session.person.authenticationToken(this.#site.ipsum);
    if (status === 401) return this.#seenEnded(session);
    expect(status).toBe(200);
    const token: IssuedToken = { session, token: String(body['token']), state: 'issued' };
    session.sid = String(decodeJwt(token.token)['sid']);
    this.#tokens.push(token);
    if (this.#chance.below(3) > 0) await this.#redeem(token);
  }

  async #redeem(token: IssuedToken): Promise<void> {
    const { ipsum, sso } = this.#site;
    token.state = 'asked';
    const assertion = await ipsum.clientAssertion(sso);
    const both = [ipsum.introspect(sso, token.token, assertion), ipsum.introspect(sso, token.token)];
    const answers = await Promise.allSettled(both);
    const actives = answers.map((answer) =>
      answer.status === 'fulfilled' ? answer.value.body['active'] : null,
    );
    const active = actives.filter((each) => each === true).length;
    expect(active).toBeLessThanOrEqual(1);
    if (active === 1) token.state = 'spent';
    else if (!actives.includes(null)) this.#seenEnded(token.session);
    if (answers[0]?.status === 'fulfilled') this.#spentAssertions.push(assertion);
    const unanswered = answers.find((answer) => answer.status === 'rejected');
    if (unanswered) throw unanswered.reason;
  }

  async #signInAtFoo(): Promise<void> {
    const session = this.#chance.oneOf(this.#living());
    const browser = session.person.copy();
    const { status } = await browser.signInAt(this.#site.foo);
    if (status === 201) session.atFoo.push(browser);
    else if (status === 401) this.#seenEnded(session);
    else expect([status, this.isEnding], 'only a service that is ending is unavailable').toEqual([503, true]);
  }

  /** A wrong password for an unknown username. @returns whether it was checked */
  async #guess(): Promise<boolean> {
    const guesses = this.#guesses;
    try {
      const { status } = await this.#site.person({ username: guesses.username, password: 'a guess' }).logIn();
      // Unanswered guesses may have been counted or not.
      if (status === 429) expect(guesses.answered + guesses.unanswered).toBeGreaterThanOrEqual(MAX_FAILURES);
      else expect([status, guesses.answered < MAX_FAILURES]).toEqual([401, true]);
      if (status === 429) this.#guesses = { username: randomUUID(), answered: 0, unanswered: 0 };
      else guesses.answered += 1;
      return status === 401;
    } catch (error) {
      if (error instanceof NoAnswerError) guesses.unanswered += 1;
      throw error;
    }
  }

  /** A session was reported as over, so its logout must be under way and can't be undone. */
  #seenEnded(session: SsoSession): void {
    expect(session.state, 'only a session that was ended is over').not.toBe('started');
    session.state = 'ended';
  }

  async #sessionHeld(session: SsoSession): Promise<void> {
    const { body } = await session.person.loginStatus();
    if (session.state === 'ending') session.state = body['status'] === 'signed in' ? 'started' : 'ended';
    expect(body['status']).toBe(session.state === 'started' ? 'signed in' : 'signed out');
  }

  async #tokenHeld(token: IssuedToken): Promise<void> {
    const { ipsum, sso } = this.#site;
    const isActive = async () => (await ipsum.introspect(sso, token.token)).body['active'];
    const first = await isActive();
    if (token.state === 'spent' || token.session.state === 'ended') expect(first).toBe(false);
    else if (token.state === 'issued') expect(first, 'an issued token can be redeemed').toBe(true);
    token.state = 'spent';
    expect(await isActive()).toBe(false);
  }
}
