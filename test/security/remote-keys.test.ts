/**
 * The attacker runs an app or only sends junk. They want to delay the SSO service or other apps when one
 * server fetches another's keys.
 */
import type { RequestListener } from 'node:http';
import { APP_PATHS, AUTHENTICATION_TOKEN_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { describe, expect, test } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import { postForm } from '../support/http.ts';
import { deadAddress, localServer } from '../support/local-server.fixture.ts';
import { type Site, site } from '../support/site.ts';
import { signedBy, tokenClaims, unpublishedKey } from './create-jws.ts';
import { arrivals, askAs, assertionClaims, assertionOf, formOf, introspect, siteWith } from './introspect.ts';

/** The tables that a valid introspection changes. */
const HONEST = ['sso.authentication_token', 'sso.client_assertion', 'sso.session_app'];

async function tokenFor(at: Site): Promise<string> {
  const person = new Browser(at);
  await person.logIn(ADA);
  return await person.token();
}

const flood: RequestListener = (_request, response) => {
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(16_384)));
    response.once('drain', more);
  };
  more();
};

const trickle: RequestListener = (_request, response) => {
  response.write('{"keys": [');
  const drops = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(drops));
};

describe('an app whose keys can’t be fetched', () => {
  test.each<[string, RequestListener]>([
    ['it is silent', () => {}],
    ['it trickles', trickle],
    ['it floods', flood],
    ['it hangs up', (request) => void request.destroy()],
    ['it responds with an error', (_request, response) => void response.writeHead(500).end('{"keys":[]}')],
    ['it responds with HTML', (_request, response) => void response.end('<html>')],
    ['it responds with 60 KiB of brackets', (_request, response) => void response.end('['.repeat(60_000))],
    ['it doesn’t speak HTTP', (request) => void request.socket.end('junk\r\n\r\n')],
    [
      'it sends endless headers',
      (_request, response) => void response.writeHead(200, { many: 'x'.repeat(60_000) }).end('{}'),
    ],
  ])('is refused, while others are served: %s [T-SSRF-05]', async (_how, answer) => {
    const { url } = await localServer(answer);
    const at = await siteWith(url);
    const token = await tokenFor(at);
    const before = await at.state(...HONEST);
    const [refused, active] = await Promise.all([askAs(at, unpublishedKey('evil')), introspect(at, token)]);
    expect([refused.status, active.body['active']]).toEqual([401, true]);
    expect(await at.state(...HONEST)).toEqual(before);
    expect((await at.state())['sso.client_assertion']).toMatchObject([{ app: at.foo.origin }]);
  });

  test('is refused while others are served, if its server is down [T-SSRF-05]', async () => {
    const at = await siteWith(await deadAddress());
    const before = await at.state();
    expect((await askAs(at, unpublishedKey('evil'))).status).toBe(401);
    expect(await at.state()).toEqual(before);
    expect((await introspect(at, await tokenFor(at))).body).toMatchObject({ active: true });
  });
});

const good = unpublishedKey('evil');
test.each<[string, unknown]>([
  ['a symmetric key', [{ kty: 'oct', k: 'AAAA', kid: 'evil', alg: 'EdDSA' }]],
  ['two with the same id', [good.jwk, unpublishedKey('evil').jwk]],
  ['one with its private half', [{ ...good.privateKey.export({ format: 'jwk' }), kid: 'evil' }]],
  ['one for encryption', [{ ...good.jwk, use: 'enc' }]],
  ['one by reference (x5u)', [{ kid: 'evil', kty: 'OKP', crv: 'Ed25519', x5u: 'http://127.0.0.1:9/' }]],
  ['an empty one', [{ ...good.jwk, x: '' }]],
  ['none', []],
  ['an object in place of the list', { evil: good.jwk }],
  ['a list of null', [null]],
])('an app harms only itself by the keys that it publishes: %s [T-SSRF-06]', async (_how, keys) => {
  const { url } = await localServer((_request, response) => void response.end(JSON.stringify({ keys })));
  const at = await siteWith(url);
  const token = await tokenFor(at);
  const before = await at.state();
  expect((await askAs(at, good)).status).toBe(401);
  expect(await at.state()).toEqual(before);
  expect((await introspect(at, token)).body).toMatchObject({ active: true });
});

describe('when flooded with forged tokens and assertions,', () => {
  const FORGED_COUNT = 300;

  test('an app fetches keys at most once a second, and nothing else [T-SSRF-05]', async () => {
    const at = await site();
    await new Browser(at).signIn(ADA);
    const [keys, introspections] = [
      arrivals(at.sso, SSO_PATHS.keys),
      arrivals(at.sso, SSO_PATHS.introspection),
    ];
    const before = await at.state();
    const started = performance.now();
    for (let sent = 0; sent < FORGED_COUNT; sent += 1) {
      const token = signedBy(
        unpublishedKey(`junk ${sent}`),
        { typ: AUTHENTICATION_TOKEN_TYPE },
        tokenClaims(at, at.foo),
      );
      expect((await new Browser(at).redeem(at.foo, token)).status).toBe(401);
    }
    expect(await at.state()).toEqual(before);
    expect(introspections()).toBe(0);
    expect(keys()).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - started) / 1000));
  });

  test('the SSO service fetches an app’s keys at most once a second [T-SSRF-05]', async () => {
    const at = await site();
    expect((await introspect(at, 'junk')).status).toBe(200);
    const keys = arrivals(at.foo, APP_PATHS.keys);
    const before = await at.state();
    const started = performance.now();
    for (let sent = 0; sent < FORGED_COUNT; sent += 1) {
      const junk = signedBy(unpublishedKey(`junk ${sent}`), {}, assertionClaims(at, at.foo));
      expect((await postForm(at.sso, SSO_PATHS.introspection, formOf('junk', junk))).status).toBe(401);
    }
    expect(await at.state()).toEqual(before);
    expect(keys()).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - started) / 1000));
    expect(
      (await postForm(at.sso, SSO_PATHS.introspection, formOf('junk', assertionOf(at, at.foo)))).status,
    ).toBe(200);
  });
});
