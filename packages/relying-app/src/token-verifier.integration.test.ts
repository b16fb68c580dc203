/** Step 4 with invalid tokens, and with an SSO service that fails. */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { openKeyRing } from '@samesite-sso/core';
import { AUTHENTICATION_TOKEN_TYPE, type AuthenticationTokenClaims } from '@samesite-sso/protocol';
import {
  base64url,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keysBeside } from '../../../test/support/keys-beside.ts';
import { deadAddress } from '../../../test/support/local-server.fixture.ts';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../test/support/one-second.ts';
import { type Site, type SiteApp, SSO_ORIGIN, startSite } from './real-site.fixture.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});
afterEach(() => {
  site.handleSsoRequest = site.ssoService;
});
afterAll(() => site.close());

const introspections = () => site.requestPaths.filter((path) => path === '/introspect').length;
const outcome = async (answer: PromiseLike<{ statusCode: number; json(): { code: string } }>) => {
  const { statusCode, json } = await answer;
  return [statusCode, json().code];
};
const INVALID = [401, 'invalid-token'];
const UNAVAILABLE = [503, 'sso-unavailable'];

const now = () => Math.floor(Date.now() / 1000);
const claimsFor = (aud: string): AuthenticationTokenClaims => ({
  iss: SSO_ORIGIN,
  aud,
  sub: 'a1',
  sid: 's1',
  jti: randomUUID(),
  iat: now(),
  exp: now() + 30,
});

/** Signs any claims with the SSO service's own key. */
async function signAsSso(type: string, claims: object): Promise<string> {
  return await (await openKeyRing(keysBeside(site.ssoDatabase))).sign(type, { ...claims });
}

const ssoKey = (): JWK => JSON.parse(readFileSync(`${site.ssoDatabase}.keys.json`, 'utf8')).keys[0];
const encode = (value: object) => base64url.encode(JSON.stringify(value));

type Forgery = (genuine: string, aud: string) => string | Promise<string>;

const withClaims =
  (change: (claims: AuthenticationTokenClaims) => object): Forgery =>
  (_genuine, aud) =>
    signAsSso(AUTHENTICATION_TOKEN_TYPE, change(claimsFor(aud)));

const without =
  (name: string): Forgery =>
  (_genuine, aud) =>
    signAsSso(
      AUTHENTICATION_TOKEN_TYPE,
      Object.fromEntries(Object.entries(claimsFor(aud)).filter(([key]) => key !== name)),
    );

const JUNK: [what: string, forge: Forgery][] = [
  ['garbage', () => 'garbage'],
  ['three dots of garbage', () => 'a.b.c'],
  ['only dots', () => '..'],
  ['letters outside ASCII', () => 'ä.ö.ü'],
  ['a genuine token with its signature cut off', (genuine) => `${genuine.split('.').slice(0, 2).join('.')}.`],
  ['a genuine token with one more letter', (genuine) => `${genuine}A`],
  [
    'a genuine token with other claims',
    (genuine, aud) => {
      const [header, , signature] = genuine.split('.');
      return `${header}.${encode({ ...claimsFor(aud), sub: 'another account' })}.${signature}`;
    },
  ],
  [
    'alg none',
    (genuine) => {
      const header = { ...decodeProtectedHeader(genuine), alg: 'none' };
      return `${encode(header)}.${genuine.split('.')[1]}.`;
    },
  ],
  [
    'HS256 with the public key as its secret',
    (genuine, aud) =>
      new SignJWT({ ...claimsFor(aud) })
        .setProtectedHeader({ ...decodeProtectedHeader(genuine), alg: 'HS256' })
        .sign(base64url.decode(ssoKey().x ?? '')),
  ],
  [
    'another key under the genuine key id',
    async (genuine, aud) => {
      const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
      return await new SignJWT({ ...claimsFor(aud) })
        .setProtectedHeader({ ...decodeProtectedHeader(genuine), alg: 'EdDSA' })
        .sign(privateKey);
    },
  ],
  [
    'another key, embedded in the header',
    async (_genuine, aud) => {
      const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
      const jwk = await exportJWK(publicKey);
      return await new SignJWT({ ...claimsFor(aud) })
        .setProtectedHeader({ alg: 'EdDSA', typ: AUTHENTICATION_TOKEN_TYPE, jwk, kid: 'mine' })
        .sign(privateKey);
    },
  ],
  [
    'an unknown key id',
    async (_genuine, aud) => {
      const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
      return await new SignJWT({ ...claimsFor(aud) })
        .setProtectedHeader({ alg: 'EdDSA', typ: AUTHENTICATION_TOKEN_TYPE, kid: 'unknown' })
        .sign(privateKey);
    },
  ],
  [
    'an unknown critical extension',
    async (genuine, aud) => {
      const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
      return await new SignJWT({ ...claimsFor(aud) })
        .setProtectedHeader({ ...decodeProtectedHeader(genuine), alg: 'EdDSA', crit: ['b64'], b64: true })
        .sign(privateKey);
    },
  ],
  ['another type', (_genuine, aud) => signAsSso('logout+jwt', claimsFor(aud))],
  ['the type JWT', (_genuine, aud) => signAsSso('JWT', claimsFor(aud))],
  [
    'the type in capitals',
    (_genuine, aud) => signAsSso(AUTHENTICATION_TOKEN_TYPE.toUpperCase(), claimsFor(aud)),
  ],
  [
    'the type with the prefix "application/"',
    (_genuine, aud) => signAsSso(`application/${AUTHENTICATION_TOKEN_TYPE}`, claimsFor(aud)),
  ],
  ['another issuer', withClaims((claims) => ({ ...claims, iss: 'http://sso.example.localhost:4999' }))],
  ['the issuer with a slash', withClaims((claims) => ({ ...claims, iss: `${SSO_ORIGIN}/` }))],
  [
    'another audience',
    withClaims((claims) => ({ ...claims, aud: 'http://lorem.app.example.localhost:4002' })),
  ],
  ['the audience among others', withClaims((claims) => ({ ...claims, aud: [claims.aud, 'http://lorem'] }))],
  ['the audience with a slash', withClaims((claims) => ({ ...claims, aud: `${claims.aud}/` }))],
  ['an exp long past', withClaims((claims) => ({ ...claims, iat: now() - 60, exp: now() - 30 }))],
  ['an exp past beyond the clock tolerance', withClaims((claims) => ({ ...claims, exp: now() - 6 }))],
  ['an exp that is a string', withClaims((claims) => ({ ...claims, exp: String(claims.exp) }))],
  ['an nbf in the future', withClaims((claims) => ({ ...claims, nbf: now() + 60 }))],
  ...['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'].map((name): [string, Forgery] => [
    `no ${name}`,
    without(name),
  ]),
];

describe('step 4 with a forged or malformed token', () => {
  let app: SiteApp;
  beforeAll(async () => {
    app = await site.newApp();
  });

  it.each(JUNK)('responds invalid-token without an introspection: %s', async (_what, forge) => {
    const { origin, newToken, redeem } = app;
    const forged = await forge(await newToken(), origin);
    const before = introspections();
    const answer = await redeem(forged);
    expect(await outcome(Promise.resolve(answer))).toEqual(INVALID);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(introspections()).toBe(before);
  });

  it('introspects a genuine token that the SSO service doesn’t know', async () => {
    const { origin, redeem } = await site.newApp();
    const before = introspections();
    const token = await signAsSso(AUTHENTICATION_TOKEN_TYPE, claimsFor(origin));
    expect(await outcome(redeem(token))).toEqual(INVALID);
    expect(introspections()).toBe(before + 1);
  });
});

describe('step 4 with an SSO service that fails', () => {
  let app: SiteApp;
  beforeAll(async () => {
    app = await site.newApp();
  });

  async function expectUnavailable(answer: PromiseLike<{ statusCode: number; json(): { code: string } }>) {
    const started = performance.now();
    expect(await outcome(answer)).toEqual(UNAVAILABLE);
    expect(performance.now() - started).toBeLessThan(5000);
  }

  it('responds sso-unavailable at once if the connection is refused', async () => {
    const { newToken, redeem } = await site.newApp({ ssoServerUrl: await deadAddress() });
    await expectUnavailable(redeem(await newToken()));
  });

  it('responds sso-unavailable within 5 s if the request for the keys hangs', async () => {
    const { newToken, redeem } = await site.newApp();
    const token = await newToken();
    site.handleSsoRequest = () => {};
    await expectUnavailable(redeem(token));
  });

  it('responds sso-unavailable within 5 s if the keys are slow and the introspection hangs', async () => {
    const { newToken, redeem } = await site.newApp();
    const token = await newToken();
    site.handleSsoRequest = (request, response) => {
      if (request.url === '/introspect') return;
      setTimeout(() => site.ssoService(request, response), 1500);
    };
    await expectUnavailable(redeem(token));
  });

  it.each([
    ['an error', 500, '{"active":true}'],
    ['a refusal of the app', 401, '{"error":"invalid_client"}'],
    ['not JSON', 200, '<html>'],
    ['active without an account', 200, '{"active":true}'],
    ['active as a string', 200, '{"active":"true"}'],
    ['empty', 200, ''],
    ['null', 200, 'null'],
    ['more than 64 KiB', 200, `{"active":false,"padding":"${'x'.repeat(65_536)}"}`],
  ])('responds sso-unavailable if the introspection response is %s', async (_what, status, body) => {
    const { newToken, redeem } = app;
    const token = await newToken();
    site.handleSsoRequest = (request, response) => {
      if (request.url !== '/introspect') return site.ssoService(request, response);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    };
    await expectUnavailable(redeem(token));
  });

  it('responds sso-unavailable to a redirect, and sends the client assertion nowhere else', async () => {
    const { newToken, redeem } = await site.newApp();
    const token = await newToken();
    site.handleSsoRequest = (request, response) => {
      if (request.url !== '/introspect') return site.ssoService(request, response);
      response.writeHead(307, { location: '/elsewhere' }).end();
    };
    await expectUnavailable(redeem(token));
    expect(site.requestPaths).not.toContain('/elsewhere');
  });

  it.each(['iss', 'aud', 'sub', 'sid', 'jti'])(
    'responds sso-unavailable if the introspection is about a token with another %s',
    async (name) => {
      const { newToken, redeem } = app;
      const token = await newToken();
      site.handleSsoRequest = (request, response) => {
        if (request.url !== '/introspect') return site.ssoService(request, response);
        const signIn = { auth_time: now(), amr: ['pwd'], groups: [] };
        const names = { username: 'ada', name: 'Ada' };
        const claims = { ...decodeJwt(token), ...names, ...signIn, session_exp: now() + 60 };
        response.end(JSON.stringify({ active: true, ...claims, [name]: 'another' }));
      };
      await expectUnavailable(redeem(token));
    },
  );

  it('introspects a token once, since a lost response may have redeemed it', async () => {
    const { newToken, redeem } = await site.newApp();
    const token = await newToken();
    const before = introspections();
    site.handleSsoRequest = (request, response) => {
      if (request.url !== '/introspect') return site.ssoService(request, response);
      response.destroy();
    };
    await expectUnavailable(redeem(token));
    expect(introspections()).toBe(before + 1);
  });

  it('works again when the SSO service is back', async () => {
    const { newToken, redeem } = await site.newApp();
    const token = await newToken();
    site.handleSsoRequest = (_request, response) => void response.destroy();
    expect(await outcome(redeem(token))).toEqual(UNAVAILABLE);
    site.handleSsoRequest = site.ssoService;
    const soon = { timeout: ONE_SECOND_WHEN_BUSY_MS };
    await expect.poll(async () => (await redeem(token)).statusCode, soon).toBe(201);
  });
});

describe('the introspection request', () => {
  it('authenticates the app by a short-lived assertion with a fresh jti', async () => {
    const { newToken, redeem, origin } = await site.newApp();
    const assertions: string[] = [];
    site.handleSsoRequest = async (request, response) => {
      if (request.url !== '/introspect') return site.ssoService(request, response);
      const form = new URLSearchParams(await text(request));
      assertions.push(form.get('client_assertion') ?? '');
      response.writeHead(500).end();
    };
    expect(await outcome(redeem(await newToken()))).toEqual(UNAVAILABLE);
    expect(await outcome(redeem(await newToken()))).toEqual(UNAVAILABLE);
    const [one, other] = assertions.map((assertion) => decodeJwt(assertion));
    expect(one).toMatchObject({ iss: origin, sub: origin, aud: SSO_ORIGIN });
    expect((one?.exp ?? Number.NaN) - now()).toBeLessThanOrEqual(60);
    expect(one?.jti).not.toBe(other?.jti);
    expect(decodeProtectedHeader(assertions[0] ?? '').alg).toBe('Ed25519');
  });
});
