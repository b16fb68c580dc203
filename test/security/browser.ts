/**
 * A person's browser, as far as the servers see one: it keeps each server's cookie, states the Origin of the page
 * that is open in it, and walks the five steps when told to.
 */
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { type Answer, type Attempt, send } from './request.ts';
import type { Server, Site } from './site.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

export class Browser {
  readonly #site: Site;
  /** `name=value` by server, ready to send. */
  readonly cookies = new Map<Server, string>();

  constructor(site: Site) {
    this.#site = site;
  }

  /** A request with this browser's cookie; what the answer sets is kept. */
  async send(to: Server, attempt: Attempt): Promise<Answer> {
    const cookie = this.cookies.get(to);
    const headers = { ...(cookie && { cookie }), ...attempt.headers };
    const answer = await send(to, { ...attempt, headers });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair = ''] = line.split(';', 1);
      if (/Max-Age=0\b/.test(line)) this.cookies.delete(to);
      else this.cookies.set(to, pair);
    }
    return answer;
  }

  /** A request to the cross-origin endpoint, as a page of `page` would make it. */
  async ask(body: unknown, page: Server | string = this.#site.foo): Promise<Answer> {
    const origin = typeof page === 'string' ? page : page.origin;
    const headers = { ...JSON_TYPE, origin };
    return await this.send(this.#site.sso, {
      method: 'POST',
      path: SSO_PATHS.crossOrigin,
      headers,
      body: JSON.stringify(body),
    });
  }

  /** Step 5. */
  async logIn(
    { username, password }: { username: string; password: string },
    page?: Server,
  ): Promise<Answer> {
    return await this.ask({ request: 'login', username, password }, page);
  }

  /** Step 2. */
  async status(page?: Server): Promise<string> {
    return String((await this.ask({ request: 'login status' }, page)).json()['status']);
  }

  /** Step 3. */
  async token(page?: Server): Promise<string> {
    return String((await this.ask({ request: 'authentication token' }, page)).json()['token']);
  }

  /** Step 4, as the app's own page. */
  async redeem(app: Server, token: unknown, headers: Attempt['headers'] = {}): Promise<Answer> {
    return await this.send(app, {
      method: 'POST',
      path: APP_PATHS.session,
      headers: { ...JSON_TYPE, origin: app.origin, ...headers },
      body: JSON.stringify({ token }),
    });
  }

  /** Step 1. */
  async sessionAt(app: Server): Promise<Record<string, unknown>> {
    return (await this.send(app, { path: APP_PATHS.session })).json();
  }

  /** Steps 5, 3 and 4. */
  async signIn(who: { username: string; password: string }, app: Server = this.#site.foo): Promise<void> {
    await this.logIn(who, app);
    await this.redeem(app, await this.token(app));
  }
}
