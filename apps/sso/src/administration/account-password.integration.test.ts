/** `account add` and `account set-password` as processes, since they read from their standard input. */
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { ADA, PASSWORD } from '../../../../test/support/sso/test-service.ts';
import { verifyPassword } from '../accounts/hashing/argon2.ts';
import {
  addAda,
  administration,
  emptyDatabase,
  noDatabase,
  noticesForFoo,
  startSession,
} from './administration.fixture.ts';

const ADD_ADA = ['account', 'add', 'ada', '--name', 'Ada Lovelace', '--password-stdin'];
const SET_PASSWORD = ['account', 'set-password', 'ada', '--password-stdin'];
const NEW_PASSWORD = 'another horse, another staple';

describe('account add', () => {
  test('adds an account whose password was read from standard input, without its one trailing newline', async () => {
    const { runProcess, open } = administration({ SSO_DATABASE: noDatabase() }); // It makes the database, too.
    expect(await runProcess(ADD_ADA, `${PASSWORD}\n`)).toEqual({
      status: 0,
      stdout: 'Added ada (Ada Lovelace).\n',
      stderr: '',
    });
    const credentials = await open().accounts.findCredentials('ada');
    expect(credentials).toMatchObject({ account: { username: 'ada', displayName: 'Ada Lovelace' } });
    expect(await verifyPassword(credentials?.passwordHash ?? '', PASSWORD)).toBe(true);
  });

  test('tells programs who was added, and no hash', async () => {
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

  test('refuses a second account of the name, however spelled, and changes nothing', async () => {
    const { runProcess, open } = administration();
    const stores = open();
    await addAda(stores);
    const again = await runProcess(
      ['account', 'add', 'ADA', '--name', 'Another', '--password-stdin'],
      NEW_PASSWORD,
    );
    expect(again).toEqual({ status: 1, stdout: '', stderr: 'there is an account ADA already\n' });
    expect(await allRows(stores.accounts.pages())).toMatchObject([ADA]);
  });

  test.each([
    ['a short password', 'too short', 'the password is shorter than 15 characters\n'],
    ['a common password', '123456789012345', 'the password is too common\n'],
    ['names', 'Ada@Example 2026', 'the password is made of names that are easy to guess\n'],
    ['no password', '', 'the password is shorter than 15 characters\n'],
    ['a password that is not UTF-8', 'correct horse battery staple \xff', 'the password is not UTF-8\n'],
    ['a password without end', 'x'.repeat(100_000), 'the password is too long\n'],
  ])('refuses %s with status 1', async (_name, password, stderr) => {
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

  test('names both what is wrong with the username and with the display name', async () => {
    const { run } = administration();
    const { status, stderr } = await run(['account', 'add', 'ada l', '--name', '', '--password-stdin']);
    expect(status).toBe(1);
    const [username, displayName] = stderr.split('\n');
    expect(username).toMatch(/^the username contains white space or an invisible character \(/);
    expect(displayName).toBe('the display name is empty');
  });
});

describe('account set-password', () => {
  test('replaces the password, and ends the sessions of the old one, at the apps too', async () => {
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

  test('tells programs whose it was and how many sessions ended', async () => {
    const { runProcess, open } = administration();
    await addAda(open());
    const { stdout } = await runProcess([...SET_PASSWORD, '--json'], NEW_PASSWORD);
    expect(JSON.parse(stdout)).toMatchObject({ ...ADA, sessionsEnded: 0 });
  });

  test('refuses a password that nobody may have, and leaves the old one', async () => {
    const { runProcess, open } = administration();
    const stores = open();
    await addAda(stores);
    const sid = await startSession(stores);
    expect(await runProcess(SET_PASSWORD, 'too short')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'the password is shorter than 15 characters\n',
    });
    const { passwordHash = '' } = (await stores.accounts.findCredentials('ada')) ?? {};
    expect(await verifyPassword(passwordHash, PASSWORD)).toBe(true);
    expect(await allRows(stores.sessions.pages())).toMatchObject([{ sid }]);
  });
});
