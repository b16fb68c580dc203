import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../test/run-program.ts';
import { PASSWORD, temporaryFolder } from '../test/test-service.ts';
import { verifyPassword } from './passwords/argon2.ts';
import { openSqliteStores } from './storage/sqlite/sqlite-stores.ts';

const ADD_ADA = ['account', 'add', 'ada', '--name', 'Ada Lovelace', '--password-stdin'];

function administration() {
  const database = path.join(temporaryFolder(), 'sso.sqlite');
  return {
    database,
    run: (args: string[], stdin = '') => runProgram('cli.ts', args, { SSO_DATABASE: database }, stdin),
  };
}

describe('account add', () => {
  test('adds an account whose password was read from standard input, without its one trailing newline', async () => {
    const { database, run } = administration();
    expect(await run(ADD_ADA, `${PASSWORD}\n`)).toEqual({
      status: 0,
      stdout: 'Added ada (Ada Lovelace).\n',
      stderr: '',
    });
    const stores = openSqliteStores(database);
    const ada = await stores.accounts.findByUsernameKey('ada');
    stores.close();
    expect(ada).toMatchObject({ username: 'ada', displayName: 'Ada Lovelace' });
    expect(await verifyPassword(ada?.passwordHash ?? '', PASSWORD)).toBe(true);
  });

  test('refuses a second account of the name, however spelled, and changes nothing', async () => {
    const { run } = administration();
    await run(ADD_ADA, PASSWORD);
    const again = await run(
      ['account', 'add', 'ADA', '--name', 'Another', '--password-stdin'],
      'another long password',
    );
    expect(again).toEqual({ status: 1, stdout: '', stderr: 'there is an account ADA already\n' });
    expect((await run(['account', 'list'])).stdout).not.toContain('Another');
  });

  test.each([
    ['a short password', ADD_ADA, 'too short', 'the password is shorter than 15 characters\n'],
    [
      'a common password',
      ADD_ADA,
      '123456789012345',
      'the password is one of the common ones, which are tried first\n',
    ],
    ['no password', ADD_ADA, '', 'the password is shorter than 15 characters\n'],
    [
      'a username with a space',
      ['account', 'add', 'ada l', '--name', 'Ada', '--password-stdin'],
      PASSWORD,
      'the username holds a space or an invisible character\n',
    ],
    [
      'an empty name',
      ['account', 'add', 'ada', '--name', '', '--password-stdin'],
      PASSWORD,
      'the display name is empty\n',
    ],
  ])('refuses %s with one line and status 1', async (_name, args, stdin, stderr) => {
    const { run } = administration();
    expect(await run(args, stdin)).toEqual({ status: 1, stdout: '', stderr });
    expect((await run(['account', 'list'])).stdout).not.toContain('ada');
  });
});

test('account list shows who there is, and no hash', async () => {
  const { run } = administration();
  await run(ADD_ADA, PASSWORD);
  const { status, stdout } = await run(['account', 'list']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^USERNAME +ADDED +DISPLAY NAME\nada +\d{4}-\d\d-\d\d +Ada Lovelace\n$/);
});

test.each([
  ['nothing', []],
  ['an unknown command', ['account', 'frobnicate']],
  ['an unknown option', [...ADD_ADA, '--password', PASSWORD]],
  ['no way to the password', ['account', 'add', 'ada', '--name', 'Ada']],
  ['no name', ['account', 'add', 'ada', '--password-stdin']],
  ['two usernames', [...ADD_ADA, 'grace']],
])('%s is answered with the usage and status 2', async (_name, args) => {
  const { run } = administration();
  const { status, stdout, stderr } = await run(args, PASSWORD);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Usage:');
});

test('a missing SSO_DATABASE is one line, status 1', async () => {
  const ended = await runProgram('cli.ts', ['account', 'list'], {});
  expect(ended).toEqual({ status: 1, stdout: '', stderr: 'cannot start: SSO_DATABASE is missing\n' });
});
