/** Introspection requests with any assertion, and an app of the attacker's. */
import { randomUUID } from 'node:crypto';
import { CLIENT_ASSERTION_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { type Answer, postForm } from '../support/http.ts';
import { type Server, type Site, site } from '../support/site.ts';
import { type Key, keyOf, secondsOf, signedBy } from './create-jws.ts';

export function assertionClaims(at: Site, { origin }: Pick<Server, 'origin'>, changes: object = {}) {
  const iat = secondsOf(at);
  return { iss: origin, sub: origin, aud: at.sso.origin, jti: randomUUID(), iat, exp: iat + 30, ...changes };
}

/** A client assertion signed with the app's own key. */
export function assertionOf(at: Site, app: Server, changes: object = {}): string {
  const typ = 'client-authentication+jwt';
  return signedBy(keyOf(app), { typ }, assertionClaims(at, app, changes));
}

export function formOf(token: string, client_assertion: string): Record<string, string> {
  return { token, client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion };
}

/** An introspection by an app's own server. */
export function introspect(at: Site, token: string, app: Server = at.foo): Promise<Answer> {
  return postForm(at.sso, SSO_PATHS.introspection, formOf(token, assertionOf(at, app)));
}

/** @returns a function that counts the requests that reached a path of a server since this call */
export function arrivals({ app }: Server, path: string): () => number {
  let count = 0;
  app.server.on('request', ({ url }) => {
    if (url === path) count += 1;
  });
  return () => count;
}

/** An app of the attacker's, registered beside foo and lorem. */
export const EVIL = 'http://evil.app.example.localhost:4999';

/** @param server where the attacker's server listens */
export function siteWith(server: string): Promise<Site> {
  return site({}, [{ origin: EVIL, name: 'Evil', server }]);
}

/** Introspects junk as that app. The response is 200 if the app is authenticated. */
export function askAs(at: Site, key: Key): Promise<Answer> {
  const assertion = signedBy(key, {}, assertionClaims(at, { origin: EVIL }));
  return postForm(at.sso, SSO_PATHS.introspection, formOf('junk', assertion));
}
