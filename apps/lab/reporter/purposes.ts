/**
 * Names the purpose of a request, in the terms that the inspector explains, and decides which requests to
 * leave out.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { LAB_USER_AGENT } from './lab-request.ts';
import { REQUEST_NAMES } from './redaction/members.ts';

export interface RequestHead {
  readonly method: string;
  /** The target, such as `/session?scope=site`. */
  readonly target: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
}

/** Health checks, the pages' assets and, during development, what Vite serves. */
const IGNORED_TARGETS =
  /^\/(livez|readyz|favicon\.svg)(\?|$)|^\/(account\/)?assets\/|^\/(@|src\/|node_modules\/)/;

/** Whether to leave a request out, because it is only noise or because the inspector itself sent it. */
export function isIgnored({ target, headers }: RequestHead): boolean {
  return IGNORED_TARGETS.test(target) || headers['user-agent'] === LAB_USER_AGENT;
}

/** Whether a browser sent the request. The site's servers send neither header. */
export function isFromBrowser({ headers }: RequestHead): boolean {
  return headers['sec-fetch-site'] !== undefined || headers.origin !== undefined;
}

/**
 * @param server the kind of server that receives the request
 * @param body the parsed body, which names a request to the cross-origin endpoint
 */
export function describePurpose(
  { method, target, headers }: RequestHead,
  server: 'sso' | 'app',
  body: unknown,
): string {
  const path = target.replace(/\?.*/s, '');
  // Fetch standard, "CORS-preflight request".
  if (method === 'OPTIONS' && headers.origin && headers['access-control-request-method']) return 'preflight';
  const purposes = server === 'sso' ? SSO_PURPOSES : APP_PURPOSES;
  const known = purposes[`${method === 'HEAD' ? 'GET' : method} ${path}`];
  if (known !== undefined) return known;
  if (server === 'app') return path.startsWith('/api/') ? 'api request' : 'other';
  if (path.startsWith('/account/')) return 'account page';
  return (path === SSO_PATHS.crossOrigin && method === 'POST' && nameOf(body)) || 'other';
}

const SSO_PURPOSES: Readonly<Record<string, string>> = {
  'GET /': 'account page',
  [`POST ${SSO_PATHS.introspection}`]: 'introspection',
  [`POST ${SSO_PATHS.endSession}`]: 'end session',
  [`GET ${SSO_PATHS.keys}`]: 'key set',
  [`GET ${SSO_PATHS.metadata}`]: 'metadata',
};

const APP_PURPOSES: Readonly<Record<string, string>> = {
  'GET /': 'document',
  [`GET ${APP_PATHS.session}`]: 'app session',
  [`POST ${APP_PATHS.session}`]: 'start app session',
  [`DELETE ${APP_PATHS.session}`]: 'end app session',
  [`POST ${APP_PATHS.backchannelLogout}`]: 'logout token',
  [`GET ${APP_PATHS.keys}`]: 'key set',
};

/** The request that the body names, such as `login status`, if it is a known one. */
function nameOf(body: unknown): string | undefined {
  const name: unknown = Object(body).request;
  return typeof name === 'string' && REQUEST_NAMES.includes(name) ? name : undefined;
}
