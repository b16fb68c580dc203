/**
 * The attacker has another JWS that the SSO service signed, or a way to make it sign one: only its type and
 * claims distinguish it from an authentication token. They want foo to accept it.
 */
import { deflateRawSync } from 'node:zlib';
import { AUTHENTICATION_TOKEN_TYPE } from '@samesite-sso/protocol';
import { expect, test } from 'vitest';
import { type Site, sharedSite } from '../support/site.ts';
import { keyOf, logoutTokenOf, secondsOf, signedBy, tokenClaims, tokenOf } from './create-jws.ts';
import { type Forgery, prepareTokenForgery } from './expect-token-refused.ts';

const attempt = prepareTokenForgery(sharedSite());

type Variant = [how: string, forge: Forgery];

const typ = AUTHENTICATION_TOKEN_TYPE;
const sign = (at: Site, header: object, claims: unknown) =>
  signedBy(keyOf(at.sso), { typ, ...header }, claims);
const claims = (at: Site, changes: object = {}) => tokenClaims(at, at.foo, changes);

const types: Variant[] = [
  ['a logout token', (_genuine, at) => logoutTokenOf(at, at.foo, 's1')],
  ...[
    'logout+jwt',
    'JWT',
    'jwt',
    'at+jwt',
    'client-authentication+jwt',
    '',
    ` ${typ}`,
    null,
    0,
    [typ],
    undefined,
  ].map(
    (other): Variant => [
      `the claims of an authentication token as ${JSON.stringify(other)}`,
      (_genuine, at) => sign(at, { typ: other }, claims(at)),
    ],
  ),
];

const headers: Variant[] = [
  ['crit of an unknown parameter', { crit: ['unknown'], unknown: 1 }],
  ['crit of a missing parameter', { crit: ['exp'] }],
  ['an empty crit', { crit: [] }],
  ['crit that isn’t a list', { crit: 'b64' }],
  ['crit of standard parameters', { crit: ['alg', 'typ'] }],
  ['an unencoded payload (RFC 7797)', { crit: ['b64'], b64: false }],
].map(([how, header]): Variant => [how as string, (_genuine, at) => sign(at, header as object, claims(at))]);

const compressed: Variant = [
  'compressed claims',
  (_genuine, at) => sign(at, { zip: 'DEF' }, deflateRawSync(JSON.stringify(claims(at))).toString('latin1')),
];

const told =
  (changes: (at: Site) => object): Forgery =>
  (_genuine, at) =>
    tokenOf(at, at.foo, changes(at));
const said = (how: string, changes: object): Variant => [how, told(() => changes)];

const parties: Variant[] = [
  ['its issuer with a slash', told(({ sso }) => ({ iss: `${sso.origin}/` }))],
  ['its issuer in upper case', told(({ sso }) => ({ iss: sso.origin.toUpperCase() }))],
  ['its issuer over https', told(({ sso }) => ({ iss: sso.origin.replace('http:', 'https:') }))],
  ['its issuer in a list', told(({ sso }) => ({ iss: [sso.origin] }))],
  ['the app as its issuer', told(({ foo }) => ({ iss: foo.origin }))],
  ['no issuer', told(() => ({ iss: undefined }))],
  ['another app as its audience', told(({ lorem }) => ({ aud: lorem.origin }))],
  ['the SSO service as its audience', told(({ sso }) => ({ aud: sso.origin }))],
  ['its audience with a slash', told(({ foo }) => ({ aud: `${foo.origin}/` }))],
  ['its audience in upper case', told(({ foo }) => ({ aud: foo.origin.toUpperCase() }))],
  ['its audience in a list', told(({ foo }) => ({ aud: [foo.origin] }))],
  ['two audiences', told(({ foo, lorem }) => ({ aud: [foo.origin, lorem.origin] }))],
  ['two audiences in one string', told(({ foo, lorem }) => ({ aud: `${foo.origin} ${lorem.origin}` }))],
  ['a wildcard as its audience', told(() => ({ aud: '*' }))],
  ['no audience', told(() => ({ aud: undefined }))],
];

const times: Variant[] = [
  ['an exp six seconds ago', told((at) => ({ exp: secondsOf(at) - 6 }))],
  ['an exp exactly at the tolerance', told((at) => ({ exp: secondsOf(at) - 5 }))],
  ['an exp as a string', told((at) => ({ exp: `${secondsOf(at) + 30}` }))],
  ['an exp in a list', told((at) => ({ exp: [secondsOf(at) + 30] }))],
  ['an exp with a fraction', told((at) => ({ exp: secondsOf(at) + 0.5 }))],
  said('an exp beyond the safe integers', { exp: 2 ** 53 }),
  said('an exp of null', { exp: null }),
  said('no exp', { exp: undefined }),
  said('an exp before the epoch', { exp: -1 }),
  ['an nbf in the future', told((at) => ({ nbf: secondsOf(at) + 6 }))],
  said('an nbf as a string', { nbf: '0' }),
  said('an iat as a string', { iat: '0' }),
  said('no iat', { iat: undefined }),
  [
    'an exp that is infinite',
    (_genuine, at) => sign(at, {}, JSON.stringify(claims(at)).replace(/"exp":\d+/, '"exp":1e400')),
  ],
];

const shapes: Variant[] = [
  ...['sub', 'sid', 'jti'].flatMap((name) => [
    said(`no ${name}`, { [name]: undefined }),
    said(`an empty ${name}`, { [name]: '' }),
    said(`a number for ${name}`, { [name]: 1 }),
    said(`a list for ${name}`, { [name]: ['account-of-ada'] }),
    said(`65 letters for ${name}`, { [name]: 'x'.repeat(65) }),
  ]),
  ['a list of claims', (_genuine, at) => sign(at, {}, [claims(at)])],
  ['a text', (_genuine, at) => sign(at, {}, 'text')],
  ['null', (_genuine, at) => sign(at, {}, 'null')],
  ['nothing', (_genuine, at) => sign(at, {}, '')],
  [
    'claims in UTF-16',
    (_genuine, at) => sign(at, {}, Buffer.from(JSON.stringify(claims(at)), 'utf16le').toString()),
  ],
  ['a token within the token', (genuine, at) => sign(at, {}, genuine)],
];

/** Valid in every respect, but never issued by the SSO service. */
const perfect: Variant[] = [
  ['new claims', (_genuine, at) => tokenOf(at, at.foo)],
  ['the genuine claims, with sub and sid exchanged', reclaimed(({ sub, sid }) => ({ sub: sid, sid: sub }))],
  ['the genuine claims, for grace', reclaimed(() => ({ sub: 'account-of-grace' }))],
  ['the genuine claims, for longer', reclaimed(({ exp }) => ({ exp: Number(exp) + 3600 }))],
  ['an exp in milliseconds', told(({ clock }) => ({ exp: clock.now }))],
  ['the genuine claims, under another jti', reclaimed(() => ({ jti: 'another' }))],
  [
    'a duplicate audience, the last one right',
    (_genuine, at) => sign(at, {}, `{"aud":"${at.lorem.origin}",${JSON.stringify(claims(at)).slice(1)}`),
  ],
  [
    'members such as __proto__',
    (_genuine, at) =>
      sign(at, {}, `{"__proto__":{"active":true},"constructor":1,${JSON.stringify(claims(at)).slice(1)}`),
  ],
];

function reclaimed(change: (claims: Record<string, unknown>) => object): Forgery {
  return (genuine, at) => {
    const before = JSON.parse(Buffer.from(genuine.split('.')[1] ?? '', 'base64url').toString());
    return sign(at, {}, { ...before, ...change(before) });
  };
}

test.each(types)(
  'an app refuses other JWSs that the SSO service signed: %s [T-TOKEN-10]',
  async (_how, forge) => {
    expect(await attempt(forge)).toBe(0);
  },
);

test.each([...headers, compressed])(
  'an app refuses header parameters that change a token’s meaning: %s [T-TOKEN-11]',
  async (_how, forge) => {
    expect(await attempt(forge)).toBe(0);
  },
);

test.each(parties)(
  'an app refuses a token of another issuer or for another audience: %s [T-TOKEN-12]',
  async (_how, forge) => {
    expect(await attempt(forge)).toBe(0);
  },
);

test.each(times)('an app refuses a token outside its validity: %s [T-TOKEN-12]', async (_how, forge) => {
  expect(await attempt(forge)).toBe(0);
});

test.each(shapes)('an app refuses a token with malformed claims: %s [T-TOKEN-12]', async (_how, forge) => {
  expect(await attempt(forge)).toBe(0);
});

test.each(perfect)(
  'a well-formed token that the SSO service never issued is inactive: %s [T-TOKEN-13]',
  async (_how, forge) => {
    expect(await attempt(forge)).toBe(1);
  },
);
