/** The client's address behind a proxy: for throttling, the list of sessions and the audit trail. */
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { cookieOf, FOO, PASSWORD, SSO, testService } from '../../../../test/support/sso/test-service.ts';

const PROXY = '10.1.0.7';
const PROXIES = ['10.1.0.0/16', 'fd00:12::/32'];
const RIGHT = { request: 'login', username: 'ada', password: PASSWORD };
const WRONG = { ...RIGHT, password: 'not the password of ada' };

type Headers = Record<string, string | string[]>;

async function serve(settings: Parameters<typeof testService>[0] = {}) {
  const service = await testService({ trustedProxies: PROXIES, ...settings });
  const post = (body: unknown, headers: Headers = {}, socket = PROXY) =>
    service.app.inject({
      method: 'POST',
      url: '/',
      headers: { origin: FOO, 'content-type': 'application/json', ...headers },
      payload: JSON.stringify(body),
      remoteAddress: socket,
    });
  /** The address of a session started with these headers: on the account page, and in the audit trail. */
  const addressesOf = async (headers: Headers, socket = PROXY) => {
    const cookie = cookieOf(await post(RIGHT, headers, socket));
    const { sessions } = (await service.app.inject({ url: '/account/overview', headers: { cookie } })).json();
    const records = await allRows(service.stores.audit.pages({ limit: 100 }));
    const record = records.findLast(({ kind }) => kind === 'session started');
    return [sessions[0].address, record?.address];
  };
  return { ...service, post, addressesOf };
}

describe('the client address is', () => {
  test.each([
    ['the one that the proxy names', '192.0.2.1', PROXY, '192.0.2.1'],
    [
      'the last that the proxy names, not one that the client sent',
      '127.0.0.1, 192.0.2.1',
      PROXY,
      '192.0.2.1',
    ],
    ['the one that the first of two proxies names', '9.9.9.9, 192.0.2.1, 10.1.0.8', PROXY, '192.0.2.1'],
    ['the one that the first IPv6 proxy names', '2001:db8::1, fd00:12::5', 'fd00:12::7', '2001:db8::1'],
    ['the one that an IPv4 proxy names on an IPv6 socket', '192.0.2.1', `::ffff:${PROXY}`, '192.0.2.1'],
    ['IPv4 even if it is IPv4-mapped', '::ffff:192.0.2.1', PROXY, '192.0.2.1'],
    ['the proxy’s if it names none', '', PROXY, PROXY],
    ['the proxy’s if it names something else', '192.0.2.1, unknown', PROXY, PROXY],
    [
      'the peer’s if that isn’t a proxy, not the one that it names',
      '192.0.2.1',
      '198.51.100.9',
      '198.51.100.9',
    ],
  ])('%s', async (_who, forwarded, socket, address) => {
    const { addressesOf } = await serve();
    expect(await addressesOf({ 'x-forwarded-for': forwarded }, socket)).toEqual([address, address]);
  });

  test('the peer’s, if no proxy is trusted', async () => {
    const { addressesOf } = await serve({ trustedProxies: [] });
    expect(await addressesOf({ 'x-forwarded-for': '192.0.2.1' }, '127.0.0.1')).toEqual([
      '127.0.0.1',
      '127.0.0.1',
    ]);
  });

  test('never taken from another header', async () => {
    const { addressesOf } = await serve();
    const others = { forwarded: 'for=192.0.2.1', 'x-real-ip': '192.0.2.1', 'client-ip': '192.0.2.1' };
    expect(await addressesOf(others)).toEqual([PROXY, PROXY]);
  });
});

describe('throttling', () => {
  test('counts clients, not the proxy', async () => {
    const { post } = await serve();
    const from = (address: string) => ({ 'x-forwarded-for': address });
    for (let attempt = 1; attempt <= 10; attempt += 1) await post(WRONG, from('192.0.2.1'));
    expect((await post(RIGHT, from('192.0.2.1'))).statusCode).toBe(429);
    expect((await post(RIGHT, from('192.0.2.2'))).statusCode).toBe(200);
  });

  test('can’t be evaded by forged header addresses, with or without the proxy [T-PROXY-01]', async () => {
    for (const socket of ['198.51.100.9', PROXY]) {
      const { post } = await serve();
      const forged = (attempt: number) => ({
        'x-forwarded-for': `203.0.113.${attempt}${socket === PROXY ? ', 192.0.2.1' : ''}`,
      });
      for (let attempt = 1; attempt <= 10; attempt += 1) await post(WRONG, forged(attempt), socket);
      expect((await post(RIGHT, forged(11), socket)).statusCode).toBe(429);
    }
  });
});

describe('with an https origin, plain http at the proxy', () => {
  const origin = SSO.replace('http:', 'https:');

  test.each(['http', 'HTTP', 'https, http', 'http,https', 'ws', ''])('is refused: %j', async (scheme) => {
    const { post } = await serve({ origin });
    const answer = await post({ request: 'login status' }, { 'x-forwarded-proto': scheme });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid-request']);
  });

  test('is refused before it has any effect, on every address [T-PROXY-05]', async () => {
    const { post, app, stores } = await serve({ origin });
    const answer = await post(RIGHT, { 'x-forwarded-proto': 'http' });
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([400, undefined]);
    const done = (await allRows(stores.audit.pages({ limit: 10 }))).map(({ kind }) => kind);
    expect(done).toEqual(['account added']);
    for (const url of ['/', '/account/overview', '/.well-known/jwks.json', '/nowhere']) {
      const headers = { 'x-forwarded-proto': 'http' };
      expect((await app.inject({ url, headers, remoteAddress: PROXY })).statusCode).toBe(400);
    }
  });

  test('isn’t inferred from headers of untrusted peers, or from a missing header', async () => {
    const { post } = await serve({ origin });
    const status = { request: 'login status' };
    expect((await post(status, { 'x-forwarded-proto': 'http' }, '198.51.100.9')).statusCode).toBe(200);
    expect((await post(status)).statusCode).toBe(200);
    expect((await post(status, { 'x-forwarded-proto': 'https' })).statusCode).toBe(200);
  });

  test('is allowed if the service has an http origin', async () => {
    const { post } = await serve();
    expect((await post({ request: 'login status' }, { 'x-forwarded-proto': 'http' })).statusCode).toBe(200);
  });
});

test('no proxy changes the host or the scheme of the service [T-PROXY-04]', async () => {
  const { app } = await serve();
  const headers = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-port': '1',
    'x-forwarded-proto': 'https',
  };
  const url = '/.well-known/oauth-authorization-server';
  const answer = await app.inject({ url, headers, remoteAddress: PROXY });
  expect(answer.json()).toMatchObject({ issuer: SSO, jwks_uri: `${SSO}/.well-known/jwks.json` });
});
