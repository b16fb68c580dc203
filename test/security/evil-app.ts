/** An app of the attacker's, registered beside foo and lorem: its operator was careless, or it has been taken over. */
import { SSO_PATHS } from '@samesite-sso/protocol';
import { type Answer, postForm } from '../support/http.ts';
import { type Site, site } from '../support/site.ts';
import { type Key, signedBy } from './forging.ts';
import { assertionClaims, formOf } from './introspection.ts';

export const EVIL = 'http://evil.app.example.localhost:4999';

/** @param server where the attacker's server listens */
export function siteWith(server: string): Promise<Site> {
  return site({}, [{ origin: EVIL, name: 'Evil', server }]);
}

/** It asks the SSO service about junk, which is answered 200 where it has proven itself. */
export function askAs(at: Site, key: Key): Promise<Answer> {
  const assertion = signedBy(key, {}, assertionClaims(at, { origin: EVIL }));
  return postForm(at.sso, SSO_PATHS.introspection, formOf('junk', assertion));
}
