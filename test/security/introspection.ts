/**
 * Step 4 from server to server, by hand: what an app's server says to the SSO service, and what an attacker would
 * make of it.
 */
import { randomUUID } from 'node:crypto';
import { CLIENT_ASSERTION_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { keyOf, secondsOf, signedBy } from './forging.ts';
import { type Answer, type Attempt, send, type Target } from './request.ts';
import type { Server, Site } from './site.ts';

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

export function postForm(
  to: Target,
  path: string,
  form: Record<string, string> | string,
  headers: Attempt['headers'] = {},
): Promise<Answer> {
  const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
  return send(to, { method: 'POST', path, headers: { ...FORM, ...headers }, body });
}

export function assertionClaims(
  at: Site,
  app: Pick<Server, 'origin'>,
  changes: object = {},
): Record<string, unknown> {
  const iat = secondsOf(at);
  const { origin } = app;
  return { iss: origin, sub: origin, aud: at.sso.origin, jti: randomUUID(), iat, exp: iat + 30, ...changes };
}

/** A client assertion under the app's own key. */
export function assertionOf(at: Site, app: Server, changes: object = {}): string {
  const typ = 'client-authentication+jwt';
  return signedBy(keyOf(app), { typ }, assertionClaims(at, app, changes));
}

export function formOf(token: string, client_assertion: string): Record<string, string> {
  return { token, client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion };
}

/** An honest app's question. */
export function introspect(at: Site, token: string, app: Server = at.foo): Promise<Answer> {
  return postForm(at.sso, SSO_PATHS.introspection, formOf(token, assertionOf(at, app)));
}

/** @returns how many requests have reached a path of a server since */
export function arrivals({ app }: Server, path: string): () => number {
  let count = 0;
  app.server.on('request', ({ url }) => {
    if (url === path) count += 1;
  });
  return () => count;
}
