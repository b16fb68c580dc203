import { once } from 'node:events';
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import Sqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { localServer } from '../../../test/support/local-server.fixture.ts';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../test/support/one-second.ts';
import { runProgram } from '../../../test/support/sso/run-program.ts';
import { environment, running } from '../../../test/support/sso/running-service.ts';
import { FOO, PASSWORD } from '../../../test/support/sso/test-service.ts';

describe('the process refuses to start with a one-line reason and status 1 when', () => {
  test('variables are missing: all are named', async () => {
    const { status, stderr } = await runProgram('main.ts', [], {});
    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual(
      ['SSO_ORIGIN', 'SSO_LISTEN', 'SSO_DATABASE', 'SSO_APPS'].map(
        (name) => `SSO service can't start: ${name} is missing`,
      ),
    );
  });

  test('its port is taken', async () => {
    const { variables } = await environment();
    const { port } = await localServer(() => {});
    const { status, stderr } = await runProgram('main.ts', [], {
      ...variables,
      SSO_LISTEN: `127.0.0.1:${port}`,
    });
    expect([status, stderr]).toEqual([1, `SSO service can't start: port ${port} of 127.0.0.1 is taken\n`]);
  });

  test.each<[string, (folder: string) => void, RegExp]>([
    [
      'its database file is not a database',
      (folder) => writeFileSync(`${folder}/sso.sqlite`, 'x'.repeat(5000), { mode: 0o600 }),
      /SSO_DATABASE: .* can't be used as a database: .*not a database/,
    ],
    [
      'its database is a folder',
      (folder) => mkdirSync(`${folder}/sso.sqlite`),
      /SSO_DATABASE is a folder, not a file/,
    ],
    [
      'its database is of a newer version',
      (folder) => {
        writeFileSync(`${folder}/sso.sqlite`, '', { mode: 0o600 });
        new Sqlite(`${folder}/sso.sqlite`).pragma('user_version = 999');
      },
      /SSO_DATABASE: .*schema version is 999/,
    ],
    [
      'its database is open to others [T-SECRET-02]',
      (folder) => {
        writeFileSync(`${folder}/sso.sqlite`, '');
        chmodSync(`${folder}/sso.sqlite`, 0o644);
      },
      /sso\.sqlite is open to others \(mode 644\); run chmod 600 \S+sso\.sqlite\n/,
    ],
    ['its registry is not JSON', (folder) => writeFileSync(`${folder}/apps.json`, '{'), /is not JSON/],
    ['its registry is gone', (folder) => rmSync(`${folder}/apps.json`), /can't be read/],
    [
      'others can write its registry [T-ORIGIN-09]',
      (folder) => chmodSync(`${folder}/apps.json`, 0o646),
      /: SSO_APPS: \S+apps\.json can be written by others \(mode 646\); run chmod go-w \S+apps\.json\n/,
    ],
    [
      'its keys are damaged',
      (folder) => writeFileSync(`${folder}/sso.sqlite.keys.json`, '{"keys":', { mode: 0o600 }),
      /^SSO service can't start: SSO_DATABASE: \S+\.keys\.json, line 1, column 9: is not JSON/,
    ],
    [
      'its keys are open to others',
      (folder) => {
        writeFileSync(`${folder}/sso.sqlite.keys.json`, '{"keys":[]}');
        chmodSync(`${folder}/sso.sqlite.keys.json`, 0o644);
      },
      /open to others \(mode 644\)/,
    ],
  ])('%s', async (_name, damage, reason) => {
    const { folder, variables } = await environment();
    damage(folder);
    const { status, stderr } = await runProgram('main.ts', [], variables);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^SSO service can't start: .+\n$/);
    expect(stderr).toMatch(reason);
  });
});

describe('the running process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'answers the request in progress after %s, and ends with status 0',
    async (signal) => {
      const { url, child, ended } = await running();
      const body = JSON.stringify({ request: 'login', username: 'ada', password: PASSWORD });
      const headers = { origin: FOO, 'content-type': 'application/json', expect: '100-continue' };
      const login = request(`${url}/`, { method: 'POST', headers });
      login.flushHeaders();
      await once(login, 'continue');
      child.kill(signal);
      await once(child.stdout, 'data'); // It has noticed, and logs that it is closing.
      login.end(body);
      const [answer] = await once(login, 'response');
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['set-cookie']).toBeDefined();
      answer.resume();
      expect(await ended).toMatchObject({ status: 0, stderr: '' });
    },
  );

  test('says unavailable within 1 s while another process holds the database, and recovers', async () => {
    const { url, variables, post, logIn } = await running();
    const [cookie = ''] = (await logIn()).headers.getSetCookie();
    const other = new Sqlite(variables.SSO_DATABASE);
    onTestFinished(() => void other.close());
    other.exec('BEGIN EXCLUSIVE');
    const started = performance.now();
    const refused = post({ request: 'authentication token' }, cookie);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const answer = await refused;
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'unavailable' });
    expect(performance.now() - started).toBeLessThan(ONE_SECOND_WHEN_BUSY_MS);
    other.exec('COMMIT');
    expect((await post({ request: 'authentication token' }, cookie)).status).toBe(200);
  });

  test('refuses many logins within 1 s while another process has the write lock', async () => {
    const { variables, logIn } = await running();
    expect((await logIn()).status).toBe(200);
    const other = new Sqlite(variables.SSO_DATABASE);
    onTestFinished(() => void other.close());
    other.exec('BEGIN IMMEDIATE');
    const started = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 32 }, async () => {
        const { status } = await logIn();
        return { status, isInTime: performance.now() - started < ONE_SECOND_WHEN_BUSY_MS };
      }),
    );
    expect(answers).toEqual(Array(32).fill({ status: 503, isInTime: true }));
    other.exec('COMMIT');
    expect((await logIn()).status).toBe(200);
  });

  test('says unavailable while its database is gone, and serves again when it is back', async () => {
    const { url, variables, post, logIn } = await running();
    const aside = `${variables.SSO_DATABASE}.aside`;
    renameSync(variables.SSO_DATABASE, aside);
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 5000 }).toBe(503);
    const answer = await logIn();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'unavailable' });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    renameSync(aside, variables.SSO_DATABASE);
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 5000 }).toBe(200);
    expect((await post({ request: 'login status' })).status).toBe(200);
  });

  test('logs one line a request, with an id and no secret', async () => {
    const { url, child, ended, post, logIn } = await running();
    const cookie = (await logIn()).headers.get('set-cookie') ?? '';
    const secret = /=([\w-]{43});/.exec(cookie)?.[1] ?? 'no cookie';
    await post({ request: 'login', username: 'ada', password: 'wrong, but nobody’s business' });
    await fetch(`${url}/secret-in-a-path?token=secret-in-a-query`, {
      headers: { cookie: `__Host-sso=${secret}` },
    });
    child.kill('SIGTERM');
    const { stdout } = await ended;
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const requests = lines.filter(({ msg }) => msg === 'request');
    expect(requests.map(({ method, status }) => [method, status])).toEqual([
      ['POST', 200],
      ['POST', 401],
      ['GET', 404],
    ]);
    expect(new Set(requests.map(({ reqId }) => reqId)).size).toBe(3);
    for (const word of [PASSWORD, secret, 'wrong, but', 'secret-in', '"ada"'])
      expect(stdout).not.toContain(word);
  });
});
