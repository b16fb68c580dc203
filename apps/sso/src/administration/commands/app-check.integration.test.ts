import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { openKeyRing } from '@samesite-sso/core';
import Fastify from 'fastify';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { relyingApp } from '../../../../../packages/relying-app/src/index.ts';
import { keysBeside } from '../../../../../test/support/keys-beside.ts';
import { deadAddress, localServer } from '../../../../../test/support/local-server.fixture.ts';
import type { AppSettings } from '../../../../../test/support/sso/registered-app.ts';
import {
  ADA,
  FOO,
  LOREM,
  OPERATOR,
  SSO,
  temporaryFolder,
  testService,
} from '../../../../../test/support/sso/test-service.ts';
import { addAda, administration, emptyDatabase } from '../administration.fixture.ts';

const KEYS = '/.well-known/jwks.json';
const LOGOUT = '/backchannel-logout';

/** The command line of a site with these app servers, by origin. */
async function siteOf(
  apps: Record<string, string>,
  { database = emptyDatabase(), ...required }: { database?: string } & Partial<AppSettings> = {},
) {
  await openKeyRing(keysBeside(database));
  const SSO_APPS = path.join(temporaryFolder(), 'apps.json');
  const entries = Object.entries(apps).map(([origin, server]) => ({
    ...required,
    origin,
    name: 'An app',
    server,
  }));
  writeFileSync(SSO_APPS, JSON.stringify(entries));
  return administration({ SSO_DATABASE: database, SSO_ORIGIN: SSO, SSO_APPS });
}

async function newKey(algorithm = 'Ed25519'): Promise<{ publicKey: JWK; privateKey: JWK }> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { publicKey: await exportJWK(publicKey), privateKey: await exportJWK(privateKey) };
}

/** An app's server that responds with these keys, and to logouts with these statuses in turn. */
function appServer(keys: unknown, ...statuses: number[]) {
  const answer: RequestListener = (request, response) => {
    if (request.url === KEYS) response.end(typeof keys === 'string' ? keys : JSON.stringify(keys));
    else response.writeHead(statuses.shift() ?? 500).end();
  };
  return localServer(answer);
}

test('app list shows the registry, and warns about schemes', async () => {
  const { run, json } = await siteOf({ [FOO]: 'http://127.0.0.1:4001' });
  expect(await run(['app', 'list'])).toEqual({
    status: 0,
    stdout:
      `ORIGIN${' '.repeat(33)}NAME    SERVER                 GROUPS  SECOND FACTOR  LOADED\n` +
      `${FOO}  An app  http://127.0.0.1:4001  -       -              -\n`,
    stderr: '',
  });
  expect(await json(['app', 'list'])).toEqual([
    {
      origin: FOO,
      name: 'An app',
      server: 'http://127.0.0.1:4001',
      groups: null,
      secondFactor: false,
      loaded: null,
    },
  ]);
  const https = FOO.replace('http', 'https');
  expect(await (await siteOf({ [https]: https })).run(['app', 'list'])).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/^warning: https:.* has another scheme .*\n$/),
  });
});

test('app list shows what apps require, and warns of groups that nobody is in', async () => {
  const { run, json, open } = await siteOf(
    { [FOO]: 'http://127.0.0.1:4001' },
    { groups: ['staff', 'admins'], secondFactor: true },
  );
  expect(await run(['app', 'list'])).toEqual({
    status: 0,
    stdout: expect.stringMatching(/ SERVER +GROUPS +SECOND FACTOR +LOADED\n.* admins, staff +required +-\n$/),
    stderr: `warning: ${FOO} can't be used by anybody: no account is in admins or staff\n`,
  });
  const stores = open();
  await addAda(stores);
  await stores.groups.add('staff', [ADA.id], OPERATOR);
  expect(await json(['app', 'list'])).toMatchObject([{ groups: ['admins', 'staff'], secondFactor: true }]);
});

describe('beside a running SSO service', () => {
  const HERE = 'http://127.0.0.1:4001';
  const READ = 'the running SSO service read its registry at \\d{4}-[\\d:TZ-]+: see its log';

  /**
   * A service that has loaded these apps, and the command line beside it, whose registry has foo at its
   * server.
   */
  async function besideService(apps: AppSettings[], server = HERE) {
    const service = await testService({ apps }, { clock: Date.now });
    await service.app.listen({ host: '127.0.0.1', port: 0 });
    await expect.poll(() => service.stores.registry.find(0)).toHaveLength(1);
    return { ...service, ...(await siteOf({ [FOO]: server }, { database: service.config.database })) };
  }

  test('app list shows whether an app is loaded, until the service stops', async () => {
    const { app, json, run } = await besideService([{ origin: FOO, name: 'An app', server: HERE }]);
    expect(await run(['app', 'list'])).toEqual({
      status: 0,
      stdout:
        `ORIGIN${' '.repeat(33)}NAME    SERVER                 GROUPS  SECOND FACTOR  LOADED\n` +
        `${FOO}  An app  ${HERE}  -       -              yes\n`,
      stderr: '',
    });
    expect(await json(['app', 'list'])).toMatchObject([{ origin: FOO, loaded: true }]);
    await app.close();
    expect(await json(['app', 'list'])).toMatchObject([{ origin: FOO, loaded: null }]);
  });

  test.each([
    ["isn't loaded", []],
    [
      'is loaded with the server http://127\\.0\\.0\\.1:4009',
      [{ origin: FOO, name: 'An app', server: 'http://127.0.0.1:4009' }],
    ],
    ['is loaded with the name Foo', [{ origin: FOO, name: 'Foo', server: HERE }]],
  ])('app list and app check report that foo %s', async (error, apps) => {
    const { run } = await besideService(apps);
    const listed = await run(['app', 'list', '--json']);
    expect(listed.status).toBe(0);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ origin: FOO, loaded: false }]);
    expect(listed.stderr).toMatch(new RegExp(`^warning: ${FOO} ${error}; ${READ}\\n$`));
    const checked = await run(['app', 'check']);
    expect(checked.status).toBe(1);
    expect(checked.stderr).toMatch(new RegExp(`^error: ${FOO} ${error}; ${READ}\\n`));
  });

  test('app list and app check warn about a loaded app that left the registry [T-CRASH-08]', async () => {
    const { run } = await besideService([
      { origin: FOO, name: 'An app', server: HERE },
      { origin: LOREM, name: 'Lorem', server: LOREM },
    ]);
    const warning = new RegExp(`warning: ${LOREM} is loaded but no longer in the registry; ${READ}\\n`);
    for (const command of ['list', 'check']) expect((await run(['app', command])).stderr).toMatch(warning);
  });
});

test.each(['list', 'check'])(
  'app %s refuses a server with plain http on a public name [T-SSRF-04]',
  async (name) => {
    const { run } = await siteOf({ [FOO]: 'http://foo.example.com' });
    expect(await run(['app', name])).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /has a "server" that is plain http .* \(it is "http:\/\/foo\.example\.com"\)\n$/,
      ),
    });
  },
);

describe('app check', () => {
  async function realApp(ssoOrigin = SSO) {
    const { port, close } = await localServer(() => {});
    const server = `http://127.0.0.1:${port}`;
    const apps = [{ origin: FOO, name: 'An app', server }];
    const { app: sso, config } = await testService({ apps }, { clock: Date.now });
    await sso.listen({ host: '127.0.0.1', port: 0 });
    const ssoServerUrl = `http://127.0.0.1:${(sso.server.address() as AddressInfo).port}`;
    const app = Fastify();
    onTestFinished(() => app.close());
    const database = path.join(temporaryFolder(), 'app.sqlite');
    await app.register(relyingApp, { origin: FOO, ssoOrigin, ssoServerUrl, database });
    await close();
    await app.listen({ host: '127.0.0.1', port });
    return { ...(await siteOf({ [FOO]: server }, { database: config.database })), server };
  }

  test('passes an app that works', async () => {
    const { run, server } = await realApp();
    expect(await run(['app', 'check'])).toEqual({
      status: 0,
      stdout:
        `✓ ${FOO} is loaded by the running SSO service\n` +
        `✓ ${FOO} publishes 1 key at ${server}${KEYS}\n` +
        `✓ ${FOO} refuses an invalid logout token at ${server}${LOGOUT}\n` +
        `✓ ${FOO} accepts a logout token of this SSO service\n`,
      stderr: '',
    });
  });

  test('explains why an app may refuse a logout', async () => {
    const { run } = await realApp('http://login.example.localhost:4000');
    const { status, stdout, stderr } = await run(['app', 'check']);
    expect([status, stdout.split('\n').length - 1]).toEqual([1, 3]);
    expect(stderr).toBe(
      `error: ${FOO} refuses a logout token of this SSO service: its SSO_ORIGIN isn't ${SSO}, ` +
        "it can't fetch the SSO service's keys, or its clock is wrong\n",
    );
  });

  test('prints passed and failed checks as JSON', async () => {
    const { publicKey } = await newKey();
    const { url } = await appServer({ keys: [publicKey] }, 400, 503);
    const { status, stdout, stderr } = await (await siteOf({ [FOO]: url })).run(['app', 'check', '--json']);
    expect([status, stderr]).toEqual([
      1,
      `error: ${FOO} responds 503 to a logout token of this SSO service\n`,
    ]);
    expect(JSON.parse(stdout)).toEqual([
      {
        groups: null,
        secondFactor: false,
        origin: FOO,
        name: 'An app',
        server: url,
        findings: [
          { check: 'keys', passed: true, message: `publishes 1 key at ${url}${KEYS}` },
          {
            check: 'logout endpoint',
            passed: true,
            message: `refuses an invalid logout token at ${url}${LOGOUT}`,
          },
          {
            check: 'logout token',
            passed: false,
            message: 'responds 503 to a logout token of this SSO service',
          },
        ],
      },
    ]);
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['no key', async () => ({ keys: [] }), /publishes no Ed25519 or EdDSA or ES256 key at/],
    ['no key set', async () => 'null', /publishes no .* key at/],
    ['HTML instead of JSON', async () => '<!doctype html>', /returns no keys at .*: the response isn't JSON/],
    [
      'keys of other kinds',
      async () => ({ keys: [(await newKey('RS256')).publicKey, 7, null] }),
      /publishes no .* key at/,
    ],
    [
      'a key for encryption',
      async () => ({ keys: [{ ...(await newKey()).publicKey, use: 'enc' }] }),
      /publishes no .* key at/,
    ],
    [
      'a damaged key',
      async () => ({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x' }] }),
      /publishes no .* key at/,
    ],
    ['a private key', async () => ({ keys: [(await newKey()).privateKey] }), /PUBLISHES A PRIVATE KEY at/],
    ['a secret', async () => ({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }), /PUBLISHES A PRIVATE KEY at/],
    ['too much', async () => 'x'.repeat(70_000), /returns no keys at .*: .* more than 65536 bytes/],
  ])('fails an app that publishes %s', async (_name, makeKeys, error) => {
    const { url } = await appServer(await makeKeys(), 400, 200);
    const { status, stdout, stderr } = await (await siteOf({ [FOO]: url })).run(['app', 'check']);
    expect([status, stdout.split('\n').length - 1]).toEqual([1, 2]);
    expect(stderr).toMatch(error);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  });

  test('counts the usable keys', async () => {
    const keys = [
      (await newKey()).publicKey,
      (await newKey('ES256')).publicKey,
      (await newKey('ES384')).publicKey,
    ];
    const { url } = await appServer({ keys }, 400, 204);
    expect(await (await siteOf({ [FOO]: url })).done(['app', 'check'])).toContain('publishes 2 keys');
  });

  test.each<[string, number, RegExp]>([
    ['has no logout endpoint', 404, /has no \/backchannel-logout: .* responds 404/],
    [
      'accepts any logout token',
      200,
      /accepts an invalid logout token at .* \(200\): it doesn't verify them/,
    ],
    [
      'responds with an unexpected status',
      418,
      /responds 418 to an invalid logout token at .*, instead of 400/,
    ],
    ['redirects', 302, /doesn't respond at .*: unexpected redirect/],
  ])('fails an app that %s', async (_name, status, error) => {
    const { publicKey } = await newKey();
    const { url } = await appServer({ keys: [publicKey] }, status, 200);
    const ended = await (await siteOf({ [FOO]: url })).run(['app', 'check']);
    expect([ended.status, ended.stdout]).toEqual([1, `✓ ${FOO} publishes 1 key at ${url}${KEYS}\n`]);
    expect(ended.stderr).toMatch(error);
  });

  test('prints the checks that passed before an app stopped responding', async () => {
    const { publicKey } = await newKey();
    let asked = 0;
    const { url } = await localServer((request, response) => {
      if (request.url === KEYS) return void response.end(JSON.stringify({ keys: [publicKey] }));
      asked += 1;
      if (asked === 1) response.writeHead(400).end();
      else request.socket.destroy();
    });
    const { status, stdout, stderr } = await (await siteOf({ [FOO]: url })).run(['app', 'check']);
    expect([status, stdout.split('\n').length - 1]).toEqual([1, 2]);
    expect(stderr).toMatch(/^error: .* doesn't respond at .*: \S.*\n$/);
  });

  test('waits three seconds for an app that never responds, while it checks the others', async () => {
    const dead = await deadAddress();
    const { url } = await localServer(() => {});
    const { status, stdout, stderr } = await (await siteOf({ [FOO]: url, [LOREM]: dead })).run([
      'app',
      'check',
    ]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.split('\n')).toEqual([
      `error: ${FOO} returns no keys at ${url}${KEYS}: no response within 3 s`,
      `error: ${FOO} doesn't respond at ${url}${LOGOUT}: no response within 3 s`,
      expect.stringMatching(`^error: ${LOREM} returns no keys at ${dead}${KEYS}: connect ECONNREFUSED`),
      expect.stringMatching(`^error: ${LOREM} doesn't respond at ${dead}${LOGOUT}: connect ECONNREFUSED`),
      '',
    ]);
  });

  test('fails if there are no keys, and creates none', async () => {
    const { database, run } = await siteOf({ [FOO]: 'http://127.0.0.1:4001' });
    rmSync(`${database}.keys.json`);
    expect(await run(['app', 'check'])).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: there is no ${database}.keys.json: the server creates it at its first start\n`,
    });
    expect(existsSync(`${database}.keys.json`)).toBe(false);
  });

  test('lists all errors of the environment and the registry at once', async () => {
    const { run } = administration({ SSO_DATABASE: '', SSO_ORIGIN: SSO, SSO_APPS: '/dev/null' });
    expect(await run(['app', 'check'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: SSO_DATABASE is empty\n' + 'error: SSO_APPS: /dev/null is not a regular file\n',
    });
  });
});
