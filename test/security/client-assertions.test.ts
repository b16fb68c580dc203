/**
 * The attacker has a genuine token for foo and can reach the SSO service. They may also have foo's last
 * assertion, or be another app. They want to authenticate as foo's server and learn whose token it is.
 */
import { createHmac } from 'node:crypto';
import { SSO_PATHS } from '@samesite-sso/protocol';
import { describe, test } from 'vitest';
import { type Site, sharedSite } from '../support/site.ts';
import { compact, keyOf, logoutTokenOf, secondsOf, signedBy, tokenOf, unpublishedKey } from './create-jws.ts';
import { ask, prepareAssertionForgery } from './expect-assertion-refused.ts';
import { assertionClaims, assertionOf, formOf } from './introspect.ts';

const { expectRefused } = prepareAssertionForgery(sharedSite());

type Variant = [how: string, assertion: (at: Site) => string];

const changed = (how: string, changes: object | ((at: Site) => object)): Variant => [
  how,
  (at) => assertionOf(at, at.foo, typeof changes === 'function' ? changes(at) : changes),
];

const audiences = [
  changed('the app', ({ foo }) => ({ aud: foo.origin })),
  changed('another app', ({ lorem }) => ({ aud: lorem.origin })),
  changed('the address of the introspection', ({ sso }) => ({ aud: sso.origin + SSO_PATHS.introspection })),
  changed('the service with a slash', ({ sso }) => ({ aud: `${sso.origin}/` })),
  changed('the service over https', ({ sso }) => ({ aud: sso.origin.replace('http:', 'https:') })),
  changed('the address at which it listens', ({ sso }) => ({ aud: `http://127.0.0.1:${sso.port}` })),
  changed('the service and another', ({ sso, lorem }) => ({ aud: [sso.origin, lorem.origin] })),
  changed('the service twice', ({ sso }) => ({ aud: [sso.origin, sso.origin] })),
  changed('an empty list', { aud: [] }),
  changed('a pattern', { aud: '*' }),
  changed('null', { aud: null }),
  changed('none', { aud: undefined }),
];

const parties: Variant[] = [
  changed("foo's under lorem's name", ({ lorem }) => ({ iss: lorem.origin, sub: lorem.origin })),
  changed("foo's about lorem", ({ lorem }) => ({ sub: lorem.origin })),
  changed("foo's with a slash", ({ foo }) => ({ iss: `${foo.origin}/`, sub: `${foo.origin}/` })),
  changed("foo's in capitals", ({ foo }) => ({
    iss: foo.origin.toUpperCase(),
    sub: foo.origin.toUpperCase(),
  })),
  changed("foo's with its name in a list", ({ foo }) => ({ iss: [foo.origin], sub: [foo.origin] })),
  changed("foo's without its name", { iss: undefined, sub: undefined }),
  changed("foo's without a subject", { sub: undefined }),
  changed("foo's in the name of a prototype", { iss: '__proto__', sub: '__proto__' }),
  changed("foo's in the service's own name", ({ sso }) => ({ iss: sso.origin, sub: sso.origin })),
  changed("foo's in the name of another site", { iss: 'https://evil.example', sub: 'https://evil.example' }),
  ["lorem's in foo's name", (at) => signedBy(keyOf(at.lorem), {}, assertionClaims(at, at.foo))],
  [
    "lorem's in foo's name under foo's key id",
    (at) => signedBy(keyOf(at.lorem), { kid: keyOf(at.foo).kid }, assertionClaims(at, at.foo)),
  ],
  ["the service's in foo's name", (at) => signedBy(keyOf(at.sso), {}, assertionClaims(at, at.foo))],
];

const times = [
  changed('an exp six seconds ago', (at) => ({ exp: secondsOf(at) - 6 })),
  changed('an exp 66 seconds ahead', (at) => ({ exp: secondsOf(at) + 66 })),
  changed('an exp an hour ahead', (at) => ({ exp: secondsOf(at) + 3600 })),
  changed('an exp in milliseconds', ({ clock }) => ({ exp: clock.now + 30_000 })),
  changed('an exp as a string', (at) => ({ exp: String(secondsOf(at) + 30) })),
  changed('an exp in a list', (at) => ({ exp: [secondsOf(at) + 30] })),
  changed('an exp of null', { exp: null }),
  changed('no exp', { exp: undefined }),
  changed('an nbf six seconds ahead', (at) => ({ nbf: secondsOf(at) + 6 })),
  changed('an iat as a string', { iat: 'now' }),
  [
    'an exp that is infinite',
    (at) =>
      signedBy(
        keyOf(at.foo),
        {},
        JSON.stringify(assertionClaims(at, at.foo)).replace(/"exp":\d+/, '"exp":1e400'),
      ),
  ] as Variant,
];

const ids = [
  changed('none', { jti: undefined }),
  changed('an empty one', { jti: '' }),
  changed('null', { jti: null }),
  changed('a number', { jti: 1 }),
  changed('a list', { jti: ['one'] }),
  changed('an object', { jti: { one: 1 } }),
  changed('257 letters', { jti: 'x'.repeat(257) }),
];

const strange = (at: Site, header: object) =>
  signedBy(unpublishedKey('unknown'), header, assertionClaims(at, at.foo));
const jwk = () => unpublishedKey('unknown').jwk;

const keys: Variant[] = [
  ...['none', 'None', 'NONE', ''].map(
    (alg): Variant => [
      `no signature, alg ${JSON.stringify(alg)}`,
      (at) => compact({ alg, kid: keyOf(at.foo).kid }, assertionClaims(at, at.foo)),
    ],
  ),
  ...[256, 384, 512].map(
    (bits): Variant => [
      `HS${bits} with foo's public key as the secret`,
      (at) =>
        compact({ alg: `HS${bits}`, kid: keyOf(at.foo).kid }, assertionClaims(at, at.foo), (input) =>
          createHmac(`sha${bits}`, keyOf(at.foo).publicKey.export({ format: 'pem', type: 'spki' }))
            .update(input)
            .digest(),
        ),
    ],
  ),
  ['an unpublished key', (at) => strange(at, {})],
  ["an unpublished key under foo's key id", (at) => strange(at, { kid: keyOf(at.foo).kid })],
  ['an unpublished key without an id', (at) => strange(at, { kid: undefined })],
  ['an unpublished key in the header', (at) => strange(at, { jwk: jwk() })],
  [
    'an unpublished key at an address',
    (at) => strange(at, { jku: 'http://127.0.0.1:9/', kid: '../unknown' }),
  ],
  [
    'an unknown critical header',
    (at) => signedBy(keyOf(at.foo), { crit: ['x'], x: 1 }, assertionClaims(at, at.foo)),
  ],
  ['an authentication token', (at) => tokenOf(at, at.foo)],
  [
    'an authentication token with the claims of foo’s assertion',
    (at) => tokenOf(at, at.foo, assertionClaims(at, at.foo)),
  ],
  ['a logout token', (at) => logoutTokenOf(at, at.foo, 's1')],
  ['a text that isn’t a JWT', () => 'junk'],
  ['only dots', () => '..'],
  ['an empty text', () => ''],
];

describe('the service accepts no client assertion', () => {
  const expectAllRefused = (assertion: (at: Site) => string) =>
    expectRefused((token, at) => ask(at, formOf(token, assertion(at))));

  test.each(audiences)('for another audience: %s [T-CLIENT-03]', (_how, assertion) =>
    expectAllRefused(assertion),
  );
  test.each(parties)('of another app: %s [T-CLIENT-03]', (_how, assertion) => expectAllRefused(assertion));
  test.each(times)('outside its validity: %s [T-CLIENT-03]', (_how, assertion) =>
    expectAllRefused(assertion),
  );
  test.each(ids)('whose jti can’t be stored: %s [T-CLIENT-03]', (_how, assertion) =>
    expectAllRefused(assertion),
  );
  test.each(keys)('that foo didn’t sign: %s [T-CLIENT-04]', (_how, assertion) => expectAllRefused(assertion));
});
