/** Requests that a page sends to other origins with cookies, and what it can read of the answers. */
import type { CrossOriginRequest } from '../packages/protocol/src/steps.ts';

export interface Attempt {
  name: string;
  url: string;
  init: { method: string; mode?: 'cors' | 'no-cors'; headers?: Record<string, string>; body?: string };
}

/** What the page can read of an answer. */
export type Loot = 'nothing' | { status: number; body: string };

/** A page of Playwright or Puppeteer. */
interface PageToAttemptFrom {
  evaluate(
    inPage: (attempts: readonly Attempt[]) => Promise<Record<string, Loot>>,
    attempts: readonly Attempt[],
  ): Promise<Record<string, Loot>>;
}

/** Sends the requests in turn, each with cookies. */
export function attempt(
  page: PageToAttemptFrom,
  attempts: readonly Attempt[],
): Promise<Record<string, Loot>> {
  return page.evaluate(async (tries) => {
    const loot: Record<string, Loot> = {};
    for (const { name, url, init } of tries) {
      try {
        const response = await fetch(url, { ...init, credentials: 'include' });
        const { type, status } = response;
        loot[name] = type === 'opaque' ? 'nothing' : { status, body: await response.text() };
      } catch {
        loot[name] = 'nothing';
      }
    }
    return loot;
  }, attempts);
}

/** The flow's requests in every form that a page can send. */
export function everyForm(ssoOrigin: string, { username, password }: { username: string; password: string }) {
  const requests: CrossOriginRequest[] = [
    { request: 'login status' },
    { request: 'authentication token' },
    { request: 'login', username, password },
    { request: 'logout' },
  ];
  const form = (request: CrossOriginRequest) => new URLSearchParams({ ...request }).toString();
  return {
    json: requests.map((request) => asJson(ssoOrigin, request)),
    // "Simple" requests, which browsers send without a preflight. The second kind is what an HTML form sends.
    text: requests.map((request) => post(ssoOrigin, 'text/plain', request, JSON.stringify(request))),
    form: requests.map((request) =>
      post(ssoOrigin, 'application/x-www-form-urlencoded', request, form(request), 'no-cors'),
    ),
  };
}

/** As an app's page sends it, with a preflight. */
export function asJson(ssoOrigin: string, request: CrossOriginRequest): Attempt {
  return post(ssoOrigin, 'application/json', request, JSON.stringify(request));
}

function post(
  ssoOrigin: string,
  type: string,
  { request }: CrossOriginRequest,
  body: string,
  mode: 'cors' | 'no-cors' = 'cors',
): Attempt {
  const init = { method: 'POST', mode, headers: { 'Content-Type': type }, body };
  return { name: `${type}, ${request}`, url: `${ssoOrigin}/`, init };
}

/** Requests to an app's own endpoints. */
export function atApp(origin: string): Attempt[] {
  const token = JSON.stringify({ token: 'not.a.token' });
  return [
    { name: 'app, GET /session', url: `${origin}/session`, init: { method: 'GET' } },
    { name: 'app, GET /api/me', url: `${origin}/api/me`, init: { method: 'GET' } },
    { name: 'app, opaque GET /api/me', url: `${origin}/api/me`, init: { method: 'GET', mode: 'no-cors' } },
    { name: 'app, DELETE /session', url: `${origin}/session`, init: { method: 'DELETE' } },
    {
      name: 'app, POST /session',
      url: `${origin}/session`,
      init: { method: 'POST', mode: 'no-cors', body: token },
    },
  ];
}

/** The requests of the account page's script. */
export function atAccountPage(ssoOrigin: string): Attempt[] {
  const json = { headers: { 'Content-Type': 'application/json' }, body: '{}' };
  const at = (method: string, path: string, init: Partial<Attempt['init']> = {}): Attempt => ({
    name: `${method} ${path} ${init.mode ?? ''}`,
    url: `${ssoOrigin}/account/${path}`,
    init: { method, ...init },
  });
  return [
    at('GET', 'overview'),
    at('GET', 'overview', { mode: 'no-cors' }),
    at('DELETE', 'sessions'),
    at('POST', 'logout', json),
    at('POST', 'logout', { mode: 'no-cors', body: '{}' }),
  ];
}
