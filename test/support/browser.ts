/**
 * A person's browser as the servers see it, without a page: it keeps each server's cookie, sends the `Origin`
 * of the page that is open, and sends each step when a test calls its method.
 */
import { Agent } from 'node:http';
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { demoAccounts } from '../../scripts/site/demo-accounts.ts';
import { type Answer, type HttpRequest, send } from './http.ts';

/** A server: its origin, and the address at which tests reach it. */
export interface Party {
  readonly origin: string;
  readonly address: string;
}

/** An app whose page is open in the browser. */
export type Page = Pick<Party, 'origin'>;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };

export const [ADA, GRACE] = demoAccounts;

export const keepAliveAgent = new Agent({ keepAlive: true });

export class Browser {
  readonly #site: { readonly sso: Party; readonly foo: Party };
  readonly #person: Credentials;
  readonly #agent: Agent | undefined;
  /** `name=value` by server, ready to send. */
  readonly cookies = new Map<Party, string>();

  /** @param agent by default, each request opens a connection of its own */
  constructor(site: { sso: Party; foo: Party }, person: Credentials = ADA, agent?: Agent) {
    this.#site = site;
    this.#person = person;
    this.#agent = agent;
  }

  /** Another browser with the same cookies. */
  copy(): Browser {
    const copy = new Browser(this.#site, this.#person, this.#agent);
    for (const [server, cookie] of this.cookies) copy.cookies.set(server, cookie);
    return copy;
  }

  /** Another browser with the cookie of the SSO service only, so that it was never at an app. */
  copyWithoutApps(): Browser {
    const copy = this.copy();
    for (const server of copy.cookies.keys()) if (server !== this.#site.sso) copy.cookies.delete(server);
    return copy;
  }

  /** Sends this browser's cookie and keeps the cookies that the response sets. */
  async send(to: Party, request: HttpRequest): Promise<Answer> {
    const cookie = this.cookies.get(to);
    const headers = { ...(cookie && { cookie }), ...request.headers };
    const answer = await send(to, { ...(this.#agent && { agent: this.#agent }), ...request, headers });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair = ''] = line.split(';', 1);
      if (/Max-Age=0\b/.test(line)) this.cookies.delete(to);
      else this.cookies.set(to, pair);
    }
    return answer;
  }

  /** A request to the cross-origin endpoint from a page of `page`, an app or any origin. */
  ask(body: unknown, page: Page | string = this.#site.foo): Promise<Answer> {
    const headers = { ...JSON_TYPE, origin: typeof page === 'string' ? page : page.origin };
    const path = SSO_PATHS.crossOrigin;
    return this.send(this.#site.sso, { method: 'POST', path, headers, body: JSON.stringify(body) });
  }

  /** Step 1. */
  appSession(app: Party): Promise<Answer> {
    return this.send(app, { path: APP_PATHS.session });
  }

  /** Step 2. */
  loginStatus(page?: Page): Promise<Answer> {
    return this.ask({ request: 'login status' }, page);
  }

  /** Step 3, from the page of the app that the token is for. */
  authenticationToken(page?: Page): Promise<Answer> {
    return this.ask({ request: 'authentication token' }, page);
  }

  /** Step 4. */
  redeem(app: Party, token: unknown, headers: HttpRequest['headers'] = {}): Promise<Answer> {
    return this.send(app, {
      method: 'POST',
      path: APP_PATHS.session,
      headers: { ...JSON_TYPE, origin: app.origin, ...headers },
      body: JSON.stringify({ token }),
    });
  }

  /** Step 5. */
  logIn(credentials: Partial<Credentials> = {}, page?: Page): Promise<Answer> {
    const { username, password } = { ...this.#person, ...credentials };
    return this.ask({ request: 'login', username, password }, page);
  }

  /** Signs out at the SSO service, and thereby at every app. */
  logOut(): Promise<Answer> {
    return this.ask({ request: 'logout' });
  }

  /** Signs out at one app only. */
  signOutAt(app: Party): Promise<Answer> {
    return this.send(app, { method: 'DELETE', path: APP_PATHS.session, headers: { origin: app.origin } });
  }

  /** Steps 3 and 4; only step 3 if it fails. */
  async signInAt(app: Party): Promise<Answer> {
    const answer = await this.authenticationToken(app);
    return answer.status === 200 ? await this.redeem(app, answer.body['token']) : answer;
  }

  /** Steps 5, 3, and 4. */
  async signIn(credentials?: Credentials, app: Party = this.#site.foo): Promise<void> {
    const logIn = () => this.logIn(credentials, app);
    // On a busy machine, the first sign-ins may find no password hasher yet.
    for (let answer = await logIn(); answer.status === 503; ) answer = await logIn();
    await this.signInAt(app);
  }

  /** The `status` in the response to step 2. */
  async status(page?: Page): Promise<string> {
    return String((await this.loginStatus(page)).body['status']);
  }

  /** The token in the response to step 3. */
  async token(page?: Page): Promise<string> {
    return String((await this.authenticationToken(page)).body['token']);
  }

  /** The response body of step 1. */
  async sessionAt(app: Party): Promise<Answer['body']> {
    return (await this.appSession(app)).body;
  }
}
