import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { allRows } from '../../../test/support/sso/all-rows.ts';
import { environment, started } from '../../../test/support/sso/running-service.ts';
import { FOO, PASSWORD } from '../../../test/support/sso/test-service.ts';
import { startTestApp } from '../../../test/support/test-app.ts';
import { addAda, administration, startSession } from './administration/administration.fixture.ts';

/** A running service, with foo to receive its logout tokens. */
async function besideTheService() {
  const { url, variables } = await environment();
  const foo = await startTestApp();
  writeFileSync(variables.SSO_APPS, JSON.stringify([{ origin: FOO, name: 'Foo', server: foo.server }]));
  await started(variables);
  const { runProcess, open } = administration(variables);
  const { sessions } = open();
  /** Runs a command in a process of its own. @returns its JSON */
  const cli = async (args: string[], stdin = '') => {
    const { stdout, ...ended } = await runProcess([...args, '--json'], stdin);
    expect(ended).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout);
  };
  const post = async (body: object, cookie = '') => {
    const headers = { origin: FOO, 'content-type': 'application/json', cookie };
    return await fetch(`${url}/`, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  /** Signs in and issues a token to foo. @returns the session's cookie */
  const signIn = async (username: string, password: string) => {
    const [cookie = ''] = (await post({ request: 'login', username, password })).headers.getSetCookie();
    await post({ request: 'authentication token' }, cookie);
    return cookie.split(';', 1)[0] ?? '';
  };
  const statusOf = async (cookie: string) => {
    const response = await post({ request: 'login status' }, cookie);
    return ((await response.json()) as { status: string }).status;
  };
  return { cli, sessions, post, signIn, statusOf, foo };
}

describe('beside the running service', () => {
  test('ending a session takes effect at the SSO service at once, and at apps within seconds', async () => {
    const { cli, sessions, post, signIn, statusOf, foo } = await besideTheService();
    await cli(['account', 'add', 'ada', '--name', 'Ada Lovelace', '--password-stdin'], PASSWORD);
    const isRefused = async (password: string) =>
      (await post({ request: 'login', username: 'ada', password })).status === 401;
    const endedSids: string[] = [];
    /** Runs a command that ends the only session, and waits until foo has received its logout token. */
    const expectEnd = async (cookie: string, args: string[], stdin = '') => {
      expect(await statusOf(cookie)).toBe('signed in');
      const [{ sid = '' } = {}] = await allRows(sessions.pages());
      expect(await cli(args, stdin)).toMatchObject({ sessionsEnded: 1 });
      expect(await statusOf(cookie)).toBe('signed out');
      endedSids.push(sid);
      await expect.poll(() => foo.sids(), { timeout: 5000 }).toEqual(endedSids);
    };

    await expectEnd(await signIn('ada', PASSWORD), ['session', 'end', '--account', 'ada']);

    const cookie = await signIn('ada', PASSWORD);
    const [{ sid }] = await cli(['session', 'list', 'ada']);
    await expectEnd(cookie, ['session', 'end', sid]);

    await expectEnd(await signIn('ada', PASSWORD), ['account', 'disable', 'ada']);
    expect(await isRefused(PASSWORD)).toBe(true);
    await cli(['account', 'enable', 'ada']);

    const newPassword = 'another horse, another staple';
    const setPassword = ['account', 'set-password', 'ada', '--password-stdin'];
    await expectEnd(await signIn('ada', PASSWORD), setPassword, newPassword);
    expect(await isRefused(PASSWORD)).toBe(true);

    await expectEnd(await signIn('ada', newPassword), ['account', 'remove', 'ada']);
    expect(await isRefused(newPassword)).toBe(true);
  });

  test('renaming and importing accounts and rotating keys takes effect at once and is audited', async () => {
    const { cli, signIn, statusOf } = await besideTheService();
    const grace = {
      username: 'grace',
      displayName: 'Grace Hopper',
      passwordHash: '$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG',
    };
    expect(await cli(['account', 'import', '-'], JSON.stringify(grace))).toEqual({ added: 1 });
    const cookie = await signIn('grace', PASSWORD);
    await cli(['account', 'rename', 'grace', 'hopper']);
    expect(await statusOf(cookie)).toBe('signed in');

    const [{ kid }] = await cli(['key', 'list']);
    const added = await cli(['key', 'rotate', '--now']);
    await cli(['key', 'retire', kid]);
    expect(await cli(['key', 'list'])).toMatchObject([{ kid: added.kid, state: 'signing' }]);

    const records: { kind: string; actor: string }[] = await cli(['audit']);
    expect(records.map(({ kind, actor }) => [kind, actor.split(' ')[0]])).toEqual([
      ['account added', 'operator'],
      ['login succeeded', 'person'],
      ['session started', 'person'],
      ['token issued', expect.any(String)],
      ['account renamed', 'operator'],
      ['key rotated', 'operator'],
      ['key retired', 'operator'],
    ]);
  });
});

describe('the process', () => {
  test('exits with 0, 1 or 2, and prints JSON to standard output only', async () => {
    const { runProcess } = administration();
    expect(await runProcess(['account', 'list', '--json'])).toEqual({
      status: 0,
      stdout: '[]\n',
      stderr: '',
    });
    expect(await runProcess(['account', 'show', 'ada', '--json'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: account ada not found\n',
    });
    expect(await runProcess(['account', 'show', '--json'])).toEqual({
      status: 2,
      stdout: '',
      stderr: "error: missing required argument 'username'\nRun it with --help for its usage.\n",
    });
  });

  test('exits with 0 when its reader stops early', async () => {
    const { database, open } = administration();
    const stores = open();
    await addAda(stores);
    // More output than a pipe buffers.
    for (let session = 0; session < 500; session += 1) await startSession(stores);
    const child = spawn(process.execPath, [program, 'session', 'list', '--json'], {
      env: { SSO_DATABASE: database },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const stderr = child.stderr.setEncoding('utf8').toArray();
    child.stdout.once('data', () => child.stdout.destroy());
    const [status] = await once(child, 'exit');
    expect([status, await stderr]).toEqual([0, []]);
  });

  test.runIf(existsSync('/dev/full'))("exits with 1 if its output can't be written", async () => {
    const { database } = administration();
    const child = spawn(process.execPath, [program, 'account', 'list'], {
      env: { SSO_DATABASE: database },
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const stderr = child.stderr?.setEncoding('utf8').toArray();
    const [status] = await once(child, 'exit');
    expect([status, await stderr]).toEqual([
      1,
      [expect.stringMatching(/^error: standard output: ENOSPC.*\n$/)],
    ]);
  });

  test('fails while another process holds the database', async () => {
    const { database, runProcess, open } = administration();
    await addAda(open());
    const other = new Sqlite(database);
    onTestFinished(() => void other.close());
    other.exec('BEGIN IMMEDIATE');
    const { status, stdout, stderr } = await runProcess(['account', 'disable', 'ada']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(`error: SSO_DATABASE: ${database} can't be used as a database: database is locked\n`);
    other.exec('COMMIT');
    expect(await runProcess(['account', 'disable', 'ada'])).toMatchObject({ status: 0 });
  });
});

const program = fileURLToPath(new URL('./cli.ts', import.meta.url));
