/** Sends logout tokens that are invalid in every possible way. */
import { randomUUID } from 'node:crypto';
import { AUTHENTICATION_TOKEN_TYPE, LOGOUT_EVENT, LOGOUT_TOKEN_TYPE } from '@samesite-sso/protocol';
import { base64url, exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { deadAddress } from '../../../test/support/local-server.fixture.ts';
import {
  type FakeSso,
  fakeSso,
  KID,
  logoutClaims,
  UNKNOWN_EXTENSION,
  UNNAMED_ALGORITHM,
} from './fake-sso.fixture.ts';
import { newDatabase, ORIGIN, SSO_ORIGIN, seedSession, serve } from './seeded-session.fixture.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const now = NOW / 1000;
const clock = () => NOW;
const LOREM = 'http://lorem.app.example.localhost:4002';

async function serveSignedIn({ ssoServerUrl }: { ssoServerUrl?: string } = {}) {
  const sso = await fakeSso(clock);
  const database = newDatabase();
  const cookie = await seedSession(database, { clock });
  const app = await serve({ database, clock, ssoServerUrl: ssoServerUrl ?? sso.url });
  const logOut = async (logout_token: string) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/backchannel-logout',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ logout_token }).toString(),
    });
    const session = await app.inject({ url: '/session', headers: { cookie } });
    return [answer.statusCode, answer.body, session.json().status];
  };
  return { sso, logOut };
}

const REFUSED = [400, '{"error":"invalid_request"}', 'signed in'];
const DONE = [200, '', 'signed out'];

const encode = (value: object) => base64url.encode(JSON.stringify(value));
const claims = () => ({ ...logoutClaims(now), jti: randomUUID() });

/** Signs with a key that no server publishes. */
async function signWithOtherKey(kid: string) {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  return new SignJWT(claims())
    .setProtectedHeader({ alg: 'EdDSA', typ: LOGOUT_TOKEN_TYPE, kid })
    .sign(privateKey);
}

type Forgery = (sso: FakeSso) => string | Promise<string>;

const FORGED: [what: string, forge: Forgery][] = [
  ['garbage', () => 'garbage'],
  ['three dots of garbage', () => 'a.b.c'],
  ['letters outside ASCII', () => 'ä.ö.ü'],
  ['another key under the genuine key id', () => signWithOtherKey(KID)],
  ['another key under an unknown key id', () => signWithOtherKey('unknown')],
  [
    'another key, embedded in the header',
    async () => {
      const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
      const header = { alg: 'EdDSA', typ: LOGOUT_TOKEN_TYPE, jwk: await exportJWK(publicKey) };
      return await new SignJWT(claims()).setProtectedHeader(header).sign(privateKey);
    },
  ],
  ['alg none', () => `${encode({ alg: 'none', typ: LOGOUT_TOKEN_TYPE, kid: KID })}.${encode(claims())}.`],
  [
    'HS256 with the public key as its secret',
    (sso) =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', typ: LOGOUT_TOKEN_TYPE, kid: KID })
        .sign(base64url.decode(sso.publicKey.x ?? '')),
  ],
  ['its signature cut off', async (sso) => `${(await sso.logoutToken()).split('.').slice(0, 2).join('.')}.`],
  [
    'other claims under a genuine signature',
    async (sso) => {
      const [header, , signature] = (await sso.logoutToken({ sid: 's2' })).split('.');
      return `${header}.${encode(claims())}.${signature}`;
    },
  ],
];

const withHeader =
  (header: Partial<JWTHeaderParameters>): Forgery =>
  (sso) =>
    sso.sign(header, claims());

const HEADERS: [what: string, forge: Forgery][] = [
  ['no type', withHeader({})],
  ['the type JWT', withHeader({ typ: 'JWT' })],
  ['the type of an authentication token', withHeader({ typ: AUTHENTICATION_TOKEN_TYPE })],
  ['the type in capitals', withHeader({ typ: 'LOGOUT+JWT' })],
  ['the type with the prefix "application/"', withHeader({ typ: `application/${LOGOUT_TOKEN_TYPE}` })],
  [
    'an algorithm that the contract does not name, though there is a key for it',
    withHeader({ typ: LOGOUT_TOKEN_TYPE, alg: UNNAMED_ALGORITHM }),
  ],
  [
    'an unknown critical extension',
    withHeader({ typ: LOGOUT_TOKEN_TYPE, crit: [UNKNOWN_EXTENSION], [UNKNOWN_EXTENSION]: 1 }),
  ],
];

const withClaims =
  (changes: object): Forgery =>
  (sso) =>
    sso.logoutToken({ ...changes });

const CLAIMS: [what: string, forge: Forgery][] = [
  ...['iss', 'aud', 'sid', 'jti', 'iat', 'exp', 'events'].map((name): [string, Forgery] => [
    `no ${name}`,
    withClaims({ [name]: undefined }),
  ]),
  ['another issuer', withClaims({ iss: 'http://sso.example.localhost:4999' })],
  ['the issuer with a slash', withClaims({ iss: `${SSO_ORIGIN}/` })],
  ['the app itself as issuer', withClaims({ iss: ORIGIN })],
  ['another audience', withClaims({ aud: LOREM })],
  ['the audience among others', withClaims({ aud: [ORIGIN, LOREM] })],
  ['the audience with a slash', withClaims({ aud: `${ORIGIN}/` })],
  ['no audience in a list', withClaims({ aud: [] })],
  ['an exp past beyond the clock tolerance', withClaims({ exp: now - 5 })],
  ['an exp that is a string', withClaims({ exp: String(now + 60) })],
  ['an iat five minutes and a second ago', withClaims({ iat: now - 301 })],
  ['an iat five minutes and a second ahead', withClaims({ iat: now + 301, exp: now + 400 })],
  ['an iat that is a string', withClaims({ iat: String(now) })],
  ['an nbf in the future', withClaims({ nbf: now + 60 })],
  ['an empty sid', withClaims({ sid: '' })],
  ['a sid that is not a string', withClaims({ sid: 1 })],
  ['an empty jti', withClaims({ jti: '' })],
  ['a jti that is not a string', withClaims({ jti: 1 })],
  ['events without a logout', withClaims({ events: {} })],
  ['events of another kind', withClaims({ events: { 'http://schemas.openid.net/event/other': {} } })],
  ['events as a string', withClaims({ events: LOGOUT_EVENT })],
  ['events as a list', withClaims({ events: [LOGOUT_EVENT] })],
  ['a logout event that is true', withClaims({ events: { [LOGOUT_EVENT]: true } })],
  ['a logout event that is null', withClaims({ events: { [LOGOUT_EVENT]: null } })],
  ['a logout event that is a list', withClaims({ events: { [LOGOUT_EVENT]: [] } })],
  ['a nonce', withClaims({ nonce: 'n' })],
  ['an empty nonce', withClaims({ nonce: '' })],
  ['a nonce that is null', withClaims({ nonce: null })],
];

describe('POST /backchannel-logout, for its logout token,', () => {
  it.each<[string, object]>([
    ['as the SSO service issues it', {}],
    ['without sub', { sub: undefined }],
    ['with a list of one audience', { aud: [ORIGIN] }],
    ['with further members in its event', { events: { [LOGOUT_EVENT]: { more: 1 }, other: 1 } }],
    ['expired within the clock tolerance', { exp: now - 4 }],
    ['issued five minutes ago', { iat: now - 300 }],
    ['issued five minutes ahead', { iat: now + 300, exp: now + 400 }],
  ])('accepts a token %s', async (_what, changes) => {
    const { sso, logOut } = await serveSignedIn();
    expect(await logOut(await sso.logoutToken({ ...changes }))).toEqual(DONE);
  });

  it.each([...FORGED, ...HEADERS, ...CLAIMS])('refuses it and ends no session: %s', async (_what, forge) => {
    const { sso, logOut } = await serveSignedIn();
    expect(await logOut(await forge(sso))).toEqual(REFUSED);
    expect(await logOut(await sso.logoutToken())).toEqual(DONE);
  });

  it('refuses it while the SSO service’s keys can’t be fetched', async () => {
    const { sso, logOut } = await serveSignedIn({ ssoServerUrl: await deadAddress() });
    expect(await logOut(await sso.logoutToken())).toEqual(REFUSED);
  });
});
