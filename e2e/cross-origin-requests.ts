/** Requests that a page sends to other origins with cookies, and what it can read of the responses. */
import type { CrossOriginRequest } from '../packages/protocol/src/page-requests.ts';

export interface PageRequest {
  name: string;
  url: string;
  init: { method: string; mode?: 'cors' | 'no-cors'; headers?: Record<string, string>; body?: string };
}

/** What the page can read of a response. */
export type ReadableResponse = 'nothing' | { status: number; body: string };

type PageRequests = readonly PageRequest[];
type Responses = Record<string, ReadableResponse>;

/** A page of Playwright or Puppeteer. */
interface EvaluatingPage {
  evaluate(inPage: (sent: PageRequests) => Promise<Responses>, sent: PageRequests): Promise<Responses>;
}

/** Sends the requests in turn, each with cookies. */
export function sendFromPage(page: EvaluatingPage, pageRequests: PageRequests): Promise<Responses> {
  return page.evaluate(async (sent) => {
    const readable: Responses = {};
    for (const { name, url, init } of sent) {
      try {
        const response = await fetch(url, { ...init, credentials: 'include' });
        const { type, status } = response;
        readable[name] = type === 'opaque' ? 'nothing' : { status, body: await response.text() };
      } catch {
        readable[name] = 'nothing';
      }
    }
    return readable;
  }, pageRequests);
}

/** Requests whose members are all strings, as in a form. */
type FlowRequest = Exclude<CrossOriginRequest, { credential: unknown }>;

/** The flow's requests in every content type that a page can send. */
export function flowRequests(
  ssoOrigin: string,
  { username, password }: { username: string; password: string },
) {
  const requests: FlowRequest[] = [
    { request: 'login status' },
    { request: 'authentication token' },
    { request: 'login', username, password },
    { request: 'logout' },
  ];
  const form = (request: FlowRequest) => new URLSearchParams({ ...request }).toString();
  return {
    json: requests.map((request) => jsonRequest(ssoOrigin, request)),
    // "Simple" requests, which browsers send without a preflight. The second kind is what an HTML form sends.
    text: requests.map((request) => post(ssoOrigin, 'text/plain', request, JSON.stringify(request))),
    form: requests.map((request) =>
      post(ssoOrigin, 'application/x-www-form-urlencoded', request, form(request), 'no-cors'),
    ),
  };
}

/** As an app's page sends it, with a preflight. */
export function jsonRequest(ssoOrigin: string, request: CrossOriginRequest): PageRequest {
  return post(ssoOrigin, 'application/json', request, JSON.stringify(request));
}

function post(
  ssoOrigin: string,
  type: string,
  { request }: CrossOriginRequest,
  body: string,
  mode: 'cors' | 'no-cors' = 'cors',
): PageRequest {
  const init = { method: 'POST', mode, headers: { 'Content-Type': type }, body };
  return { name: `${type}, ${request}`, url: `${ssoOrigin}/`, init };
}

/** Requests to an app's own endpoints. */
export function appRequests(origin: string): PageRequest[] {
  const body = JSON.stringify({ token: 'not.a.token' });
  return [
    requestTo(`${origin}/session`, 'GET'),
    requestTo(`${origin}/api/me`, 'GET'),
    requestTo(`${origin}/api/me`, 'GET', { mode: 'no-cors' }),
    requestTo(`${origin}/session`, 'DELETE'),
    requestTo(`${origin}/session`, 'POST', { mode: 'no-cors', body }),
  ];
}

/** The requests of the account page's script. */
export function accountPageRequests(ssoOrigin: string): PageRequest[] {
  const json = { headers: { 'Content-Type': 'application/json' }, body: '{}' };
  return [
    requestTo(`${ssoOrigin}/account/overview`, 'GET'),
    requestTo(`${ssoOrigin}/account/overview`, 'GET', { mode: 'no-cors' }),
    requestTo(`${ssoOrigin}/account/sessions`, 'DELETE'),
    requestTo(`${ssoOrigin}/account/logout`, 'POST', json),
    requestTo(`${ssoOrigin}/account/logout`, 'POST', { mode: 'no-cors', body: '{}' }),
  ];
}

function requestTo(url: string, method: string, init: Partial<PageRequest['init']> = {}): PageRequest {
  return { name: `${method} ${url} ${init.mode ?? ''}`, url, init: { method, ...init } };
}
