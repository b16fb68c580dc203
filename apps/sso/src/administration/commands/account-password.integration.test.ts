/** `account add` and `account set-password` as processes, since they read their standard input. */
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, PASSWORD } from '../../../../../test/support/sso/test-service.ts';
import { verifyPassword } from '../../accounts/hashing/argon2.ts';
import {
  addAda,
  administration,
  emptyDatabase,
  noDatabase,
  noticesForFoo,
  startSession,
} from '../administration.fixture.ts';

const ADD_ADA = ['account', 'add', 'ada', '--name', 'Ada Lovelace', '--password-stdin'];
const SET_PASSWORD = ['account', 'set-password', 'ada', '--password-stdin'];
const NEW_PASSWORD = 'another horse, another staple';

describe('account add', () => {
  test('adds an account with a password from standard input, without its last newline', async () => {
    const { runProcess, open } = administration({ SSO_DATABASE: noDatabase() });
    expect(await runProcess(ADD_ADA, `${PASSWORD}\n`)).toEqual({
      status: 0,
      stdout: 'Added ada (Ada Lovelace).\n',
      stderr: '',
    });
    const credentials = await open().accounts.findCredentials('ada');
    expect(credentials).toMatchObject({ account: { username: 'ada', displayName: 'Ada Lovelace' } });
    expect(await verifyPassword(credentials?.passwordHash ?? '', PASSWORD)).toBe(true);
  });

  test('prints the added account as JSON, without the hash', async () => {
    const { runProcess, open } = administration();
    const { stdout } = await runProcess([...ADD_ADA, '--json'], PASSWORD);
    const { id, createdAt } = (await open().accounts.find('ada')) ?? {};
    expect(JSON.parse(stdout)).toEqual({
      id,
      username: 'ada',
      displayName: 'Ada Lovelace',
      createdAt: new Date(createdAt ?? 0).toISOString(),
      disabledAt: null,
    });
  });

  test('refuses a second account with the same username in any spelling, and changes nothing', async () => {
    const { runProcess, open } = administration();
    const stores = open();
    await addAda(stores);
    const again = await runProcess(
      ['account', 'add', 'ADA', '--name', 'Another', '--password-stdin'],
      NEW_PASSWORD,
    );
    expect(again).toEqual({ status: 1, stdout: '', stderr: 'error: account ADA already exists\n' });
    expect(await allRows(stores.accounts.pages())).toMatchObject([ADA]);
  });

  test.each([
    ['a short password', 'too short', 'error: the password is shorter than 15 characters\n'],
    ['a common password', '123456789012345', 'error: the password is too common\n'],
    [
      'names as a password',
      'Ada@Example 2026',
      'error: the password is made of names that are easy to guess\n',
    ],
    ['an empty password', '', 'error: the password is shorter than 15 characters\n'],
    [
      'a password that is not UTF-8',
      'correct horse battery staple \xff',
      'error: the password is not UTF-8\n',
    ],
    ['a password of 100,000 bytes', 'x'.repeat(100_000), 'error: the password is too long\n'],
  ])('refuses %s with exit code 1', async (_name, password, stderr) => {
    const { runProcess, open } = administration({
      SSO_DATABASE: emptyDatabase(),
      SSO_PASSWORD_WORDS: 'example',
    });
    expect(await runProcess(ADD_ADA, Buffer.from(password, 'latin1'))).toEqual({
      status: 1,
      stdout: '',
      stderr,
    });
    expect(await allRows(open().accounts.pages())).toEqual([]);
  });

  test('lists the errors of the username and of the display name', async () => {
    const { run } = administration();
    const { status, stderr } = await run(['account', 'add', 'ada l', '--name', '', '--password-stdin']);
    expect(status).toBe(1);
    const [username, displayName] = stderr.split('\n');
    expect(username).toMatch(/^error: the username contains white space or an invisible character \(/);
    expect(displayName).toBe('error: the display name is empty');
  });
});

describe('account set-password', () => {
  test('replaces the password, ends the sessions, and queues logout notices for the apps', async () => {
    const { runProcess, open } = administration();
    const stores = open();
    await addAda(stores);
    const sid = await startSession(stores);
    expect(await runProcess(SET_PASSWORD, `${NEW_PASSWORD}\r\n`)).toEqual({
      status: 0,
      stdout: 'Set the password of ada; 1 session ended.\n',
      stderr: '',
    });
    const { passwordHash = '' } = (await stores.accounts.findCredentials('ada')) ?? {};
    expect(await verifyPassword(passwordHash, NEW_PASSWORD)).toBe(true);
    expect(await verifyPassword(passwordHash, PASSWORD)).toBe(false);
    expect(await allRows(stores.sessions.pages())).toEqual([]);
    expect(await noticesForFoo(stores)).toEqual([sid]);
  });

  test('prints the account and the number of ended sessions as JSON', async () => {
    const { runProcess, open } = administration();
    await addAda(open());
    const { stdout } = await runProcess([...SET_PASSWORD, '--json'], NEW_PASSWORD);
    expect(JSON.parse(stdout)).toMatchObject({ ...ADA, sessionsEnded: 0 });
  });

  test('refuses a password that breaks the rules, and keeps the old one', async () => {
    const { runProcess, open } = administration();
    const stores = open();
    await addAda(stores);
    const sid = await startSession(stores);
    expect(await runProcess(SET_PASSWORD, 'too short')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: the password is shorter than 15 characters\n',
    });
    const { passwordHash = '' } = (await stores.accounts.findCredentials('ada')) ?? {};
    expect(await verifyPassword(passwordHash, PASSWORD)).toBe(true);
    expect(await allRows(stores.sessions.pages())).toMatchObject([{ sid }]);
  });
});
