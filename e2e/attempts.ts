/** What a page tries at other people's origins with the cookies of whoever looks at it, and what it gets to read. */
import type { CrossOriginRequest } from '../packages/protocol/src/steps.ts';

export interface Attempt {
  name: string;
  url: string;
  init: { method: string; mode?: 'cors' | 'no-cors'; headers?: Record<string, string>; body?: string };
}

/** What the page can read of the answer. */
export type Loot = 'nothing' | { status: number; body: string };

/** A page in whichever browser. */
interface PageToAttemptFrom {
  evaluate(
    inPage: (attempts: readonly Attempt[]) => Promise<Record<string, Loot>>,
    attempts: readonly Attempt[],
  ): Promise<Record<string, Loot>>;
}

/** Sends the requests one after another, each with cookies. */
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

function requestsOfTheFlow(login: { username: string; password: string }): CrossOriginRequest[] {
  return [
    { request: 'login status' },
    { request: 'authentication token' },
    { request: 'login', username: login.username, password: login.password },
    { request: 'logout' },
  ];
}

/** The flow in each form in which a page can ask for it. */
export function everyForm(ssoOrigin: string, login: { username: string; password: string }) {
  const requests = requestsOfTheFlow(login);
  return {
    json: requests.map((request) => asJson(ssoOrigin, request)),
    text: requests.map((request) => asText(ssoOrigin, request)),
    form: requests.map((request) => asForm(ssoOrigin, request)),
  };
}

/** As an app's page would send it: browsers ask first. */
export function asJson(ssoOrigin: string, request: CrossOriginRequest): Attempt {
  return {
    name: `JSON, ${request.request}`,
    url: `${ssoOrigin}/`,
    init: { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(request) },
  };
}

/** A "simple" request: browsers send it without asking. */
function asText(ssoOrigin: string, request: CrossOriginRequest): Attempt {
  return {
    name: `text, ${request.request}`,
    url: `${ssoOrigin}/`,
    init: { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: JSON.stringify(request) },
  };
}

/** What a form could send just as well. The answer is opaque, but the server has been asked. */
function asForm(ssoOrigin: string, request: CrossOriginRequest): Attempt {
  return {
    name: `form, ${request.request}`,
    url: `${ssoOrigin}/`,
    init: {
      method: 'POST',
      mode: 'no-cors',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...request }).toString(),
    },
  };
}

/** At an app's own endpoints. */
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

/** What the account page's own script may ask, tried by another. */
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
