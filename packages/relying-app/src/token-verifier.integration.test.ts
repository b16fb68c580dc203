/** What an app does with tokens that are junk, and with an SSO service that does not answer. */

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
import { deadAddress } from '../../../test/support/local-server.fixture.ts';
import { type Site, type SiteApp, SSO_ORIGIN, startSite } from './real-site.fixture.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});
afterEach(() => {
  site.ssoAnswers = site.ssoService;
});
afterAll(() => site.close());

const introspections = () => site.asked.filter((path) => path === '/introspect').length;
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

/** Signs whatever it is told to, with the SSO service's own key. */
async function signAsSso(type: string, claims: object): Promise<string> {
  return await (await openKeyRing(site.ssoDatabase)).sign(type, { ...claims });
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
  ['letters that are no ASCII', () => 'ä.ö.ü'],
  ['a genuine token with its signature cut off', (genuine) => `${genuine.split('.').slice(0, 2).join('.')}.`],
  ['a genuine token with a letter too many', (genuine) => `${genuine}A`],
  [
    'a genuine token with claims of its own',
    (genuine, aud) => {
      const [header, , signature] = genuine.split('.');
      return `${header}.${encode({ ...claimsFor(aud), sub: 'somebody else' })}.${signature}`;
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
    'HS256 with the public key for a secret',
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
    'a critical extension that nobody knows',
    async (genuine, aud) => {
      const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
      return await new SignJWT({ ...claimsFor(aud) })
        .setProtectedHeader({ ...decodeProtectedHeader(genuine), alg: 'EdDSA', crit: ['b64'], b64: true })
        .sign(privateKey);
    },
  ],
  ['another type', (_genuine, aud) => signAsSso('logout+jwt', claimsFor(aud))],
  ['the type JWT', (_genuine, aud) => signAsSso('JWT', claimsFor(aud))],
  ['another issuer', withClaims((claims) => ({ ...claims, iss: 'http://sso.example.localhost:4999' }))],
  ['the issuer with a slash', withClaims((claims) => ({ ...claims, iss: `${SSO_ORIGIN}/` }))],
  [
    'another audience',
    withClaims((claims) => ({ ...claims, aud: 'http://lorem.app.example.localhost:4002' })),
  ],
  ['the audience among others', withClaims((claims) => ({ ...claims, aud: [claims.aud, 'http://lorem'] }))],
  ['the audience with a slash', withClaims((claims) => ({ ...claims, aud: `${claims.aud}/` }))],
  ['a time long past', withClaims((claims) => ({ ...claims, iat: now() - 60, exp: now() - 30 }))],
  ['a time past beyond what clocks may differ', withClaims((claims) => ({ ...claims, exp: now() - 6 }))],
  ['a time that is text', withClaims((claims) => ({ ...claims, exp: String(claims.exp) }))],
  ['a start in the future', withClaims((claims) => ({ ...claims, nbf: now() + 60 }))],
  ...['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'].map((name): [string, Forgery] => [
    `no ${name}`,
    without(name),
  ]),
];

describe('a token that is junk', () => {
  let app: SiteApp;
  beforeAll(async () => {
    app = await site.newApp();
  });

  it.each(JUNK)('is an invalid token, and no introspection is made: %s', async (_what, forge) => {
    const { origin, newToken, redeem } = app;
    const forged = await forge(await newToken(), origin);
    const before = introspections();
    const answer = await redeem(forged);
    expect(await outcome(Promise.resolve(answer))).toEqual(INVALID);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(introspections()).toBe(before);
  });

  it('is told from one that is genuine but unknown to the SSO service, about which it is asked', async () => {
    const { origin, redeem } = await site.newApp();
    const before = introspections();
    const token = await signAsSso(AUTHENTICATION_TOKEN_TYPE, claimsFor(origin));
    expect(await outcome(redeem(token))).toEqual(INVALID);
    expect(introspections()).toBe(before + 1);
  });
});

describe('an SSO service that does not answer', () => {
  let app: SiteApp;
  beforeAll(async () => {
    app = await site.newApp();
  });

  async function timed(answer: PromiseLike<{ statusCode: number; json(): { code: string } }>) {
    const started = performance.now();
    expect(await outcome(answer)).toEqual(UNAVAILABLE);
    expect(performance.now() - started).toBeLessThan(5000);
  }

  it('is unavailable at once where nobody listens', async () => {
    const { newToken, redeem } = await site.newApp({ ssoServerUrl: await deadAddress() });
    await timed(redeem(await newToken()));
  });

  it('is unavailable within 5 s when it accepts the connection and is silent about its keys', async () => {
    const { newToken, redeem } = await site.newApp();
    const token = await newToken();
    site.ssoAnswers = () => {};
    await timed(redeem(token));
  });

  it('is unavailable within 5 s when it is slow with its keys and silent about the token', async () => {
    const { newToken, redeem } = await site.newApp();
    const token = await newToken();
    site.ssoAnswers = (request, response) => {
      if (request.url === '/introspect') return;
      setTimeout(() => site.ssoService(request, response), 1500);
    };
    await timed(redeem(token));
  });

  it.each([
    ['an error', 500, '{"active":true}'],
    ['refuses the app', 401, '{"error":"invalid_client"}'],
    ['no JSON', 200, '<html>'],
    ['active without saying who', 200, '{"active":true}'],
    ['active, as text', 200, '{"active":"true"}'],
    ['nothing', 200, ''],
    ['null', 200, 'null'],
    ['more than 64 KiB', 200, `{"active":false,"padding":"${'x'.repeat(65_536)}"}`],
  ])('is unavailable when its introspection answers %s', async (_what, status, body) => {
    const { newToken, redeem } = app;
    const token = await newToken();
    site.ssoAnswers = (request, response) => {
      if (request.url !== '/introspect') return site.ssoService(request, response);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    };
    await timed(redeem(token));
  });

  it('is unavailable when its introspection redirects: no client assertion goes elsewhere', async () => {
    const { newToken, redeem } = await site.newApp();
    const token = await newToken();
    site.ssoAnswers = (request, response) => {
      if (request.url !== '/introspect') return site.ssoService(request, response);
      response.writeHead(307, { location: '/elsewhere' }).end();
    };
    await timed(redeem(token));
    expect(site.asked).not.toContain('/elsewhere');
  });

  it.each(['iss', 'aud', 'sub', 'sid', 'jti'])(
    'is not believed when it speaks of a token with another %s',
    async (name) => {
      const { newToken, redeem } = app;
      const token = await newToken();
      site.ssoAnswers = (request, response) => {
        if (request.url !== '/introspect') return site.ssoService(request, response);
        const claims = { ...decodeJwt(token), username: 'ada', name: 'Ada', session_exp: now() + 60 };
        response.end(JSON.stringify({ active: true, ...claims, [name]: 'another' }));
      };
      await timed(redeem(token));
    },
  );

  it('is asked once about a token: a lost answer may have spent it', async () => {
    const { newToken, redeem } = await site.newApp();
    const token = await newToken();
    const before = introspections();
    site.ssoAnswers = (request, response) => {
      if (request.url !== '/introspect') return site.ssoService(request, response);
      response.destroy();
    };
    await timed(redeem(token));
    expect(introspections()).toBe(before + 1);
  });

  it('is found again when it is back', async () => {
    const { newToken, redeem } = await site.newApp();
    const token = await newToken();
    site.ssoAnswers = (_request, response) => void response.destroy();
    expect(await outcome(redeem(token))).toEqual(UNAVAILABLE);
    site.ssoAnswers = site.ssoService;
    await expect.poll(async () => (await redeem(token)).statusCode).toBe(201);
  });
});

describe('an introspection', () => {
  it('proves which app is asking by an assertion that is short-lived and never the same', async () => {
    const { newToken, redeem, origin } = await site.newApp();
    const assertions: string[] = [];
    site.ssoAnswers = async (request, response) => {
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
