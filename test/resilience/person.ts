/**
 * A person at their browser, without one: sends what the page sends, step by step, and keeps the cookies. Each step
 * can be taken alone, and none is taken unasked.
 */
import { APP_PATHS, COOKIES, SSO_PATHS } from '@samesite-sso/protocol';
import { type Answer, ask } from './answer.ts';

/** Who has an origin, and where its server is reached from here. */
export interface Party {
  readonly origin: string;
  readonly address: string;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export class Person {
  /** The value of the cookie at the SSO service, as last set; null when there is none. */
  ssoCookie: string | null = null;
  /** The values of the cookies at the apps, by origin. */
  readonly appCookies = new Map<string, string>();
  readonly #sso: Party;
  readonly #app: Party;
  readonly #credentials: Credentials;

  /** @param app whose page is open where it does not matter which */
  constructor(sso: Party, app: Party, credentials: Credentials) {
    this.#sso = sso;
    this.#app = app;
    this.#credentials = credentials;
  }

  /** Another browser of the same person, with the same cookies so far. */
  copy(): Person {
    const copy = new Person(this.#sso, this.#app, this.#credentials);
    copy.ssoCookie = this.ssoCookie;
    for (const [origin, cookie] of this.appCookies) copy.appCookies.set(origin, cookie);
    return copy;
  }

  /** Step 1. */
  async sessionAt(app: Party): Promise<Answer> {
    return await this.#askApp(app, 'GET');
  }

  /** Step 2. */
  async status(): Promise<Answer> {
    return await this.#askSso({ request: 'login status' });
  }

  /** Step 3, on the page of the app that the token is for. */
  async token(app: Party = this.#app): Promise<Answer> {
    return await this.#askSso({ request: 'authentication token' }, app);
  }

  /** Step 4. */
  async redeemAt(app: Party, token: unknown): Promise<Answer> {
    return await this.#askApp(app, 'POST', { token });
  }

  /** Steps 3 and 4, or as far as it goes. */
  async signInAt(app: Party): Promise<Answer> {
    const answer = await this.token(app);
    return answer.status === 200 ? await this.redeemAt(app, answer.body['token']) : answer;
  }

  /** Step 5. */
  async logIn(password: string = this.#credentials.password): Promise<Answer> {
    return await this.#askSso({ request: 'login', username: this.#credentials.username, password });
  }

  /** Signs out at the SSO service, and so everywhere. */
  async logOut(): Promise<Answer> {
    return await this.#askSso({ request: 'logout' });
  }

  /** Signs out at one app alone. */
  async signOutAt(app: Party): Promise<Answer> {
    return await this.#askApp(app, 'DELETE');
  }

  async #askSso(body: object, app = this.#app): Promise<Answer> {
    const headers = {
      'content-type': 'application/json',
      origin: app.origin,
      ...(this.ssoCookie !== null && { cookie: `${COOKIES.sso}=${this.ssoCookie}` }),
    };
    const url = this.#sso.address + SSO_PATHS.crossOrigin;
    const answer = await ask(url, { method: 'POST', headers, body: JSON.stringify(body) });
    const cookie = cookieOf(answer, COOKIES.sso);
    if (cookie !== undefined) this.ssoCookie = cookie;
    return answer;
  }

  async #askApp(app: Party, method: 'GET' | 'POST' | 'DELETE', body?: object): Promise<Answer> {
    const mine = this.appCookies.get(app.origin);
    const answer = await ask(app.address + APP_PATHS.session, {
      method,
      headers: {
        ...(method !== 'GET' && { origin: app.origin }),
        ...(mine !== undefined && { cookie: `${COOKIES.app}=${mine}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const cookie = cookieOf(answer, COOKIES.app);
    if (cookie === null) this.appCookies.delete(app.origin);
    else if (cookie !== undefined) this.appCookies.set(app.origin, cookie);
    return answer;
  }
}

/** The value that an answer sets a cookie to, null when it clears it, undefined when it does neither. */
function cookieOf({ headers }: Answer, name: string): string | null | undefined {
  const set = headers.getSetCookie().find((line) => line.startsWith(`${name}=`));
  if (set === undefined) return undefined;
  const value = set.slice(name.length + 1).split(';', 1)[0];
  return value === undefined || value === '' ? null : value;
}
