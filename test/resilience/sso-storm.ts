/**
 * A storm at the SSO service, and the book that is kept of what was acknowledged in it: who is signed in, whose session
 * has ended, which tokens are spent, how many logins have failed. `held` compares the book with what the service says.
 */
import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { ADA, type Browser, GRACE } from '../support/browser.ts';
import { NoAnswerError } from '../support/http.ts';
import type { RunningSite } from '../support/process-site.ts';
import type { Chance } from './seeded-random.ts';
import { onceThen, Storm } from './storm.ts';

/** Sessions that are left alone, so that there is always somebody to ask for. */
const KEPT = 4;
/** Failed logins that are answered for one account from one address; see the contract. */
const FAILURES = 10;

interface SsoSession {
  readonly person: Browser;
  /** `ending` while its logout is unanswered: then it may have ended or not. */
  state: 'started' | 'ending' | 'ended';
  /** Its public name, known from its first token. */
  sid: string | null;
  /** Browsers of its person that are signed in at foo. */
  readonly atFoo: Browser[];
}

interface IssuedToken {
  readonly session: SsoSession;
  readonly token: string;
  /** `asked` while no introspection of it has been answered: then it may be spent or not. */
  state: 'issued' | 'asked' | 'spent';
}

export class SsoStorm extends Storm {
  readonly #site: RunningSite;
  readonly #chance: Chance;
  /** The living, and those that ended since the last time it was ended; and all before them. */
  #sessions: SsoSession[] = [];
  readonly #pastSessions: SsoSession[] = [];
  /** Since then, and before: the latter are all spent, or of no use. */
  readonly #tokens: IssuedToken[] = [];
  readonly #pastTokens: IssuedToken[] = [];
  readonly #spentAssertions: string[] = [];
  #guesses = { username: randomUUID(), answered: 0, unanswered: 0 };

  constructor(site: RunningSite, chance: Chance) {
    super();
    this.#site = site;
    this.#chance = chance;
  }

  /** Signs people in for a beginning, two of whom can log out at once: a login takes long. */
  async gather(): Promise<void> {
    while (this.#living().length < KEPT + 2) await this.#logIn();
  }

  /** Four redeem tokens, one signs in at foo, two come and go, and one guesses once and then only looks. */
  async rageUntil(until: () => Promise<unknown>, end: () => Promise<unknown>): Promise<void> {
    const redeem = () => this.#takeToken();
    const comeAndGo = () => (this.#living().length > KEPT ? this.#logOut() : this.#logIn());
    const guessOnce = onceThen(
      async () => void (await this.#guess()),
      async () => void (await this.#chance.oneOf(this.#living()).person.loginStatus()),
    );
    const others = [() => this.#signInAtFoo(), comeAndGo, comeAndGo, guessOnce];
    await this.rage([redeem, redeem, redeem, redeem, ...others], until, end);
  }

  /** Whatever was acknowledged since the last time holds; what was not is one of two things, and stays it. */
  async held(): Promise<void> {
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

  /** What was spent before is spent still, the apps have heard of every end, and of no other, and guessing is bounded. */
  async settled(): Promise<void> {
    const { ipsum, sso, foo } = this.#site;
    for (const { token } of this.#pastTokens) {
      expect((await ipsum.introspect(sso, token)).body).toEqual({ active: false });
    }
    for (const { person } of this.#pastSessions) {
      expect((await person.loginStatus()).body).toEqual({ status: 'signed out' });
    }
    const inTime = { timeout: 20_000 };
    const sidsOf = (sessions: SsoSession[]) => sessions.flatMap(({ sid }) => sid ?? []);
    const untold = () => sidsOf(this.#pastSessions).filter((sid) => !ipsum.sids().includes(sid));
    await expect.poll(untold, inTime).toEqual([]);
    expect(sidsOf(this.#sessions).filter((sid) => ipsum.sids().includes(sid))).toEqual([]);
    for (const { state, atFoo } of [...this.#sessions, ...this.#pastSessions]) {
      const expected = state === 'ended' ? 'signed out' : 'signed in';
      for (const browser of atFoo) {
        const status = async () => (await browser.appSession(foo)).body['status'];
        await expect.poll(status, inTime).toBe(expected);
      }
    }
    while (await this.#guess());
  }

  /** How much there was of it, for the reader of the output. */
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
    const browser = session.person.copy(); // Its person keeps the cookie, and can ask with it afterwards.
    expect((await browser.logOut()).status).toBe(200);
    session.state = 'ended';
  }

  /** Step 3, and mostly its redemption, by two at once of whom one at most may have it. */
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
    else expect([status, this.isEnding], 'only a service that has ended is unavailable').toEqual([503, true]);
  }

  /** A wrong password, for somebody who does not exist. @returns whether it was looked at */
  async #guess(): Promise<boolean> {
    const guesses = this.#guesses;
    try {
      const { status } = await this.#site.person({ username: guesses.username, password: 'a guess' }).logIn();
      // Those that were not answered may have been counted or not.
      if (status === 429) expect(guesses.answered + guesses.unanswered).toBeGreaterThanOrEqual(FAILURES);
      else expect([status, guesses.answered < FAILURES]).toEqual([401, true]);
      if (status === 429) this.#guesses = { username: randomUUID(), answered: 0, unanswered: 0 };
      else guesses.answered += 1;
      return status === 401;
    } catch (error) {
      if (error instanceof NoAnswerError) guesses.unanswered += 1;
      throw error;
    }
  }

  /** Somebody was told that a session is over: so its logout must be under way, and can never be undone. */
  #seenEnded(session: SsoSession): void {
    expect(session.state, 'only a session that somebody ends is over').not.toBe('started');
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
