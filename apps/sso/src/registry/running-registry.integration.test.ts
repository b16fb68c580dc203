/** The registry of a running SSO service, as a process. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { addDemoAccounts } from '../../../../test/support/accounts.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { environment, started } from '../../../../test/support/sso/running-service.ts';
import { FOO, LOREM, PASSWORD, SSO } from '../../../../test/support/sso/test-service.ts';
import { startTestApp } from '../../../../test/support/test-app.ts';
import { openSqliteStores } from '../storage/sqlite/open-stores.ts';
import { CHANGED, REFUSED, SAME } from './followed-registry.fixture.ts';

/** The contract's limit for logout tokens. */
const WITHIN_5_S = { timeout: 5000 };

const TOKEN = { request: 'authentication token' };

/** Foo's and lorem's servers, and a service as a process that has both in its registry. */
async function site() {
  const servers = { foo: await startTestApp({ origin: FOO }), lorem: await startTestApp({ origin: LOREM }) };
  const foo = { origin: FOO, name: 'Foo', server: servers.foo.server };
  const lorem = { origin: LOREM, name: 'Lorem', server: servers.lorem.server };
  const { url, folder, variables } = await environment();
  const file = variables.SSO_APPS;
  const write = (apps: unknown, to = file) => writeFileSync(to, JSON.stringify(apps));
  await addDemoAccounts(variables.SSO_DATABASE, ['ada']);
  const start = async () => {
    const { child, ended } = await started(variables);
    return { child, ended, ...readLog(child) };
  };
  const post = (body: unknown, { origin = FOO, cookie = '' } = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    });
  const logIn = async () => {
    const response = await post({ request: 'login', username: 'ada', password: PASSWORD }, { origin: LOREM });
    return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  };
  /** What a browser learns about an app's origin from a preflight. */
  const allowedOrigin = async (origin: string) => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    return (await fetch(url, { method: 'OPTIONS', headers })).headers.get('access-control-allow-origin');
  };
  write([foo, lorem]);
  return {
    ...{ servers, foo, lorem, file, folder, write, start, post, logIn, allowedOrigin },
    sso: { origin: SSO, address: url },
    database: variables.SSO_DATABASE,
  };
}

/** The lines that a process logs from now on. */
function readLog(child: ChildProcessWithoutNullStreams) {
  let text = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: string) => {
    text += chunk;
    for (const check of waiting) check();
  });
  const lines = (message: string) =>
    text
      .split('\n')
      .filter((line) => line.includes(JSON.stringify(message)))
      .map((line) => JSON.parse(line));
  /** Waits until a message was logged this often. @returns the last of these lines */
  const logged = (message: string, times = 1) =>
    new Promise<Record<string, unknown>>((resolve) => {
      const check = () => {
        const line = lines(message)[times - 1];
        if (line === undefined) return;
        waiting.delete(check);
        resolve(line);
      };
      waiting.add(check);
      check();
    });
  return { lines, logged };
}

describe('a running service', () => {
  test('reads its registry again at SIGHUP', async () => {
    const { foo, write, start, allowedOrigin } = await site();
    const { child, logged } = await start();
    child.kill('SIGHUP');
    await logged(SAME); // A file that hasn't changed is logged only at a signal.
    expect(await allowedOrigin(LOREM)).toBe(LOREM);
    write([foo]);
    child.kill('SIGHUP');
    expect(await logged(CHANGED)).toMatchObject({ level: 30, removed: [LOREM] });
    expect(await allowedOrigin(LOREM)).toBeNull();
    expect(await allowedOrigin(FOO)).toBe(FOO);
  });

  test.each<[string, (site: Awaited<ReturnType<typeof siteWithLink>>) => void]>([
    ['is written in place', ({ write, foo }) => write([foo])],
    [
      'is replaced by rename',
      ({ write, file, foo }) => {
        write([foo], `${file}~`);
        renameSync(`${file}~`, file);
      },
    ],
    ['is swapped by a symbolic link above it', ({ swap, foo }) => swap('..2026_2', [foo])],
  ])('reads its registry again when it %s', async (_how, change) => {
    const linked = await siteWithLink();
    const { logged } = await linked.start();
    change(linked);
    expect(await logged(CHANGED)).toMatchObject({ removed: [LOREM] });
    expect(await linked.allowedOrigin(LOREM)).toBeNull();
    expect(await linked.allowedOrigin(FOO)).toBe(FOO);
  });

  /** A site whose registry is mounted as Kubernetes mounts a ConfigMap. */
  async function siteWithLink() {
    const given = await site();
    const swap = (name: string, apps: unknown) => {
      mkdirSync(path.join(given.folder, name));
      given.write(apps, path.join(given.folder, name, 'apps.json'));
      symlinkSync(name, path.join(given.folder, '..data_tmp'));
      renameSync(path.join(given.folder, '..data_tmp'), path.join(given.folder, '..data'));
    };
    rmSync(given.file);
    swap('..2026_1', [given.foo, given.lorem]);
    symlinkSync('..data/apps.json', given.file);
    return { ...given, swap };
  }

  test('keeps its registry while the file has an error, and says where [T-CRASH-09]', async () => {
    const { file, foo, write, start, allowedOrigin } = await site();
    const { child, lines, logged } = await start();
    writeFileSync(file, '[\n  {"origin": "x"},\n]');
    const place = `SSO_APPS: ${file}, line 3, column 1: is not JSON`;
    expect(await logged(REFUSED)).toMatchObject({ level: 40, errors: [expect.stringContaining(place)] });
    child.kill('SIGHUP');
    await logged(REFUSED, 2);
    expect(await allowedOrigin(LOREM)).toBe(LOREM);
    write([foo]);
    await logged(CHANGED);
    expect(lines(REFUSED)).toHaveLength(2);
    expect(await allowedOrigin(LOREM)).toBeNull();
  });
});

describe('an app that is removed from the registry', () => {
  async function signedInAtBoth() {
    const given = await site();
    const service = await given.start();
    const cookie = await given.logIn();
    const issue = async (origin: string) => {
      const response = await given.post(TOKEN, { origin, cookie });
      const { token } = JSON.parse(await response.text());
      return token ?? response.status;
    };
    const tokens = { foo: await issue(FOO), lorem: await issue(LOREM) };
    const { body } = await given.servers.foo.introspect(given.sso, tokens.foo);
    expect(body).toMatchObject({ active: true });
    const sid = body['sid'];
    return { ...given, service, cookie, issue, sid };
  }

  test('gets logout tokens at its last server, and nothing else ends [T-SIGNOUT-12]', async () => {
    const { servers, lorem, write, service, issue, post, cookie, sid, database } = await signedInAtBoth();
    write([lorem]);
    await service.logged(CHANGED);
    await expect.poll(() => servers.foo.sids(), WITHIN_5_S).toEqual([sid]);
    expect(await issue(FOO)).toBe(403);
    expect(servers.lorem.tokens).toEqual([]);
    const status = await post({ request: 'login status' }, { origin: LOREM, cookie });
    expect(await status.json()).toMatchObject({ status: 'signed in' });
    expect(await issue(LOREM)).toEqual(expect.any(String));
    const stores = openSqliteStores(database);
    expect(await allRows(stores.audit.pages({ kind: 'session ended', limit: 10 }))).toEqual([]);
    await stores.close();
  });

  test('works at once when it is added again', async () => {
    const { servers, foo, lorem, write, service, issue, sso, sid } = await signedInAtBoth();
    write([lorem]);
    service.child.kill('SIGHUP');
    await expect.poll(() => servers.foo.sids(), WITHIN_5_S).toEqual([sid]);
    write([lorem, foo]);
    service.child.kill('SIGHUP');
    expect(await service.logged(CHANGED, 2)).toMatchObject({ added: [FOO] });
    const { body } = await servers.foo.introspect(sso, await issue(FOO));
    expect(body).toMatchObject({ active: true, sid });
  });

  test('while the service is stopped gets its logout tokens after the start [T-SIGNOUT-12]', async () => {
    const { servers, lorem, write, service, start, post, cookie, sid } = await signedInAtBoth();
    service.child.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ status: 0, stderr: '' });
    write([lorem]);
    await start();
    await expect.poll(() => servers.foo.sids(), WITHIN_5_S).toEqual([sid]);
    const status = await post({ request: 'login status' }, { origin: LOREM, cookie });
    expect(await status.json()).toMatchObject({ status: 'signed in' });
    expect(servers.lorem.tokens).toEqual([]);
  });
});
