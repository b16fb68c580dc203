import { Writable } from 'node:stream';
import { problemResponses } from '@samesite-sso/core';
import Fastify from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { networks } from '../config/networks.ts';
import { RequestLog } from '../log/request-log.ts';
import { trustedProxies as plugin } from './trusted-proxies.ts';
import { createWebServer } from './web-server.ts';

const ORIGIN = 'https://sso.example.com';

/** A server that returns the client's address as it sees it, and its warnings. */
async function serve(...trusted: string[]) {
  const trustedProxies = trusted.length === 0 ? [] : networks(trusted.join());
  const lines: { level: number; msg: string; refused?: string }[] = [];
  const stream = new Writable({
    write(line, _encoding, done) {
      lines.push(JSON.parse(String(line)));
      done();
    },
  });
  const app = Fastify({
    logger: { stream },
    logController: new RequestLog(),
    trustProxy: [...trustedProxies],
  });
  onTestFinished(() => app.close());
  await app.register(problemResponses);
  await app.register(plugin, { origin: ORIGIN, trustedProxies });
  app.get('/', async ({ ip }) => ip);
  const ask = (remoteAddress: string, headers: Record<string, string>) =>
    app.inject({ url: '/', remoteAddress, headers });
  const warnings = () => lines.filter(({ level }) => level === 40).map(({ msg }) => msg);
  return { ask, warnings, lines };
}

const FORWARDED = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' };

test('X-Forwarded-Host of a trusted proxy is ignored [T-PROXY-04]', async () => {
  const trustedProxies = ['127.0.0.1'];
  const app = await createWebServer({ logLevel: 'silent', tls: null, trustedProxies });
  onTestFinished(() => app.close());
  await app.register(plugin, { origin: 'http://sso.example.localhost', trustedProxies });
  app.get('/', async ({ host, hostname, port }) => ({ host, hostname, port }));
  const headers = { host: 'sso.example.localhost:4000', 'x-forwarded-host': 'evil.example:666' };
  const response = await app.inject({ url: '/', headers });
  expect(response.json()).toEqual({
    host: 'sso.example.localhost:4000',
    hostname: 'sso.example.localhost',
    port: 4000,
  });
});

describe('a proxy on the same machine', () => {
  const SPELLINGS = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

  test.each([['127.0.0.1'], ['::1'], ['127.0.0.0/8']])(
    'is trusted from both loopback addresses if one is trusted: %s [T-PROXY-02]',
    async (trusted) => {
      const { ask, warnings } = await serve(trusted);
      for (const address of SPELLINGS) expect((await ask(address, FORWARDED)).body).toBe('203.0.113.7');
      expect(warnings()).toEqual([]);
    },
  );

  test('is not trusted just because another address is [T-PROXY-02]', async () => {
    const { ask } = await serve('10.0.0.1');
    for (const address of SPELLINGS) expect((await ask(address, FORWARDED)).body).toBe(address);
  });
});

describe('a proxy that is not trusted', () => {
  test.each([
    ['X-Forwarded-For', { 'x-forwarded-for': '203.0.113.7' }],
    ['X-Forwarded-Proto', { 'x-forwarded-proto': 'http' }],
    ['Forwarded', { forwarded: 'for=203.0.113.7' }],
  ])(
    'causes one warning with its address and the remedy when it sends %s [T-PROXY-02]',
    async (name, headers) => {
      const { ask, warnings } = await serve('127.0.0.1');
      for (const address of ['10.0.0.9', '::ffff:10.0.0.9']) {
        expect((await ask(address, headers)).statusCode).toBe(200);
      }
      expect(warnings()).toEqual([
        expect.stringMatching(
          new RegExp(`^10\\.0\\.0\\.9 sends ${name}, .*SSO_TRUSTED_PROXIES.* add it there.* ten failed`, 'i'),
        ),
      ]);
      await ask('fd00::9', headers);
      expect(warnings()).toEqual([expect.anything(), expect.stringMatching(/^fd00::9 sends /)]);
    },
  );

  test('causes no warning when it sends no forwarding header', async () => {
    const { ask, warnings } = await serve();
    await ask('10.0.0.9', { via: '1.1 proxy' });
    expect(warnings()).toEqual([]);
  });

  test('causes one warning per IPv6 /48, even if the client uses many addresses', async () => {
    const { ask, warnings } = await serve();
    for (const address of ['2001:db8:1::1', '2001:db8:1:2::3', '2001:db8:1:ffff::'])
      await ask(address, FORWARDED);
    expect(warnings()).toEqual([expect.stringMatching(/^2001:db8:1::1 sends /)]);
  });

  test('causes at most 100 warnings, even if it uses many networks [T-PROXY-02]', async () => {
    const { ask, warnings } = await serve();
    for (let index = 0; index < 150; index += 1) await ask(`2001:db8:${index.toString(16)}::1`, FORWARDED);
    expect(warnings()).toHaveLength(101);
    expect(warnings().at(-1)).toBe('no more warnings about the proxy headers of further networks');
  });
});

describe('a trusted proxy', () => {
  test.each([
    ['http', '"http" as value 1 of 1'],
    ['https, http', '"http" as value 2 of 2'],
    ['http,https', '"http" as value 1 of 2'],
    ['https, ,https', '"" as value 2 of 3'],
    ['https, \u001b[2J', '"\\u001b[2J" as value 2 of 2'],
  ])('that received plain http is named, and its request refused: %j', async (sent, place) => {
    const { ask, warnings, lines } = await serve('10.0.0.9');
    for (let count = 0; count < 2; count += 1) {
      const response = await ask('10.0.0.9', { ...FORWARDED, 'x-forwarded-proto': sent });
      expect([response.statusCode, response.json().code]).toEqual([400, 'invalid-request']);
      expect(response.body).not.toContain('10.0.0.9');
    }
    const reason = `X-Forwarded-Proto from the proxy 10.0.0.9 contains ${place}`;
    expect(warnings()).toEqual([expect.stringContaining(reason)]);
    const refused = lines.flatMap((line) => line.refused ?? []);
    expect(refused).toEqual(Array(2).fill(expect.stringContaining(reason)));
  });

  test('that sends Forwarded without X-Forwarded-For causes a warning', async () => {
    const { ask, warnings } = await serve('10.0.0.9');
    expect((await ask('10.0.0.9', { forwarded: 'for=203.0.113.7' })).body).toBe('10.0.0.9');
    expect(warnings()).toEqual([
      expect.stringMatching(/^the proxy 10\.0\.0\.9 sends Forwarded, but only X-Forwarded-For is read/),
    ]);
  });
});
