import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  ADA,
  FOO,
  NO_REQUIREMENT,
  OPERATOR,
  SSO,
  temporaryFolder,
} from '../../../../test/support/sso/test-service.ts';
import { addAda, administration, noDatabase, outcomeOf, startSession } from './administration.fixture.ts';

/** Every command, with arguments that it accepts. */
const COMMANDS = [
  'account add x --name x --password-stdin',
  'account list',
  'account show x',
  'account rename x x',
  'account disable x',
  'account enable x',
  'account set-password x --password-stdin',
  'account remove x',
  'account import x',
  'account apply x',
  'account invite x',
  'group list',
  'group add x x',
  'group remove x x',
  'session list',
  'session end x',
  'throttle list',
  'throttle lift x',
  'app list',
  'app check',
  'key list',
  'key rotate',
  'key retire x',
  'key reseal',
  'audit',
  'backup x',
  'migrate-to postgres://sso@127.0.0.1/sso',
];
const nameOf = (command: string) => command.replace(/( x| postgres:.*| --.*)+$/, '');

describe('the help', () => {
  test('lists every command under the name of the program', async () => {
    const listed: string[] = [];
    for (const group of ['', 'account', 'group', 'session', 'throttle', 'app', 'key']) {
      const { status, stdout, stderr } = await outcomeOf([group, '--help'].filter(Boolean), {});
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(new RegExp(`^Usage: ${['samesite-sso', group].filter(Boolean).join(' ')} `));
      const [, commands = ''] = /\nCommands:\n(.*?)\n\n/s.exec(stdout) ?? [];
      for (const [, name] of commands.matchAll(/^ {2}(\S+)/gm)) listed.push(`${group} ${name}`.trim());
    }
    const groups = ['account', 'group', 'session', 'throttle', 'app', 'key'];
    expect(listed.sort()).toEqual([...COMMANDS.map(nameOf), ...groups].sort());
  });

  test.each(COMMANDS.map(nameOf))('of %s has the options, environment, and exit codes', async (name) => {
    const { status, stdout, stderr } = await outcomeOf([...name.split(' '), '--help'], {});
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Usage: samesite-sso ${name} `));
    expect(stdout).toMatch(/^ {2}--json +print JSON$/m);
    for (const text of ['SSO_DATABASE', 'SSO_ORIGIN', 'SSO_APPS', 'Exit codes:'])
      expect(stdout).toContain(text);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(115);
    expect(await outcomeOf([...name.split(' '), '-h'], {})).toEqual({ status, stdout, stderr });
  });
});

test.each([
  ['no command', [], 'Usage: samesite-sso [options] [command]'],
  ['an unknown command', ['frobnicate'], "error: unknown command 'frobnicate'"],
  ['a group alone', ['account'], 'Usage: samesite-sso account [options] [command]'],
  ['an unknown command of a group', ['account', 'frobnicate'], "error: unknown command 'frobnicate'"],
  ['an unknown option', ['account', 'list', '--all'], "error: unknown option '--all'"],
  [
    'an option without its value',
    ['account', 'add', 'ada', '--name'],
    "error: option '--name <name>' argument missing",
  ],
  ['a flag with a value', ['account', 'list', '--json=yes'], "error: unknown option '--json=…'"],
  [
    'a missing option',
    ['account', 'add', 'ada', '--password-stdin'],
    "error: required option '--name <name>' not",
  ],
  ['a missing argument', ['account', 'show'], "error: missing required argument 'username'"],
  ['an unexpected argument', ['account', 'show', 'ada', 'grace'], 'error: too many arguments for'],
  [
    'no source of the password',
    ['account', 'set-password', 'ada'],
    'error: standard input is not a terminal',
  ],
])('%s is a usage error with exit code 2', async (_name, args, message) => {
  const { status, stdout, stderr } = await outcomeOf(args, {});
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr.startsWith(message)).toBe(true);
  expect(stderr).toContain('--help');
});

test('a password that is given as an option is refused and not repeated', async () => {
  for (const secret of ['hunter2', "hunter2='\n"]) {
    const { status, stderr } = await outcomeOf(['account', 'show', 'ada', `--password=${secret}`], {});
    expect([status, stderr.split('\n')[0]]).toEqual([2, "error: unknown option '--password=…'"]);
    expect(stderr).not.toContain('hunter2');
  }
  for (const option of ['-p12hunter2', '-p=hunter2', '--password:hunter2']) {
    const { status, stderr } = await outcomeOf(['account', 'show', 'ada', option], {});
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^error: unknown option '-[a-z-]*…'\n/)]);
    expect(stderr).not.toContain('hunter2');
  }
});

test('a password that is given as an argument is refused and not repeated', async () => {
  for (const secret of ['hunter2', 'but got 3: hunter2']) {
    const { status, stderr } = await outcomeOf(['account', 'set-password', 'ada', secret], {});
    expect([status, stderr.split('\n')[0]]).toEqual([
      2,
      "error: too many arguments for 'set-password'. Expected 1 argument but got 2.",
    ]);
    expect(stderr).not.toContain('hunter2');
  }
});

test('--json may come before the command or after it', async () => {
  const { run } = administration();
  const expected = { status: 0, stdout: '[]\n', stderr: '' };
  expect(await run(['--json', 'account', 'list'])).toEqual(expected);
  expect(await run(['account', 'list', '--json'])).toEqual(expected);
});

test.each(COMMANDS)('%s names the variables that are missing and does nothing', async (command) => {
  const site = command.startsWith('app ') ? ['SSO_ORIGIN', 'SSO_APPS'] : [];
  const link = command.startsWith('account invite ') ? ['SSO_ORIGIN'] : [];
  const sealing = command.startsWith('migrate-to ') ? ['SSO_SEALING_KEY_FILE'] : [];
  expect(await outcomeOf(command.replaceAll(' x', ' ada').split(' '), {})).toEqual({
    status: 1,
    stdout: '',
    stderr: ['SSO_DATABASE', ...site, ...link, ...sealing]
      .map((variable) => `error: ${variable} is missing\n`)
      .join(''),
  });
});

test("a database that can't be used is an error of one line", async () => {
  const folder = temporaryFolder();
  const { status, stdout, stderr } = await administration({ SSO_DATABASE: folder }).run(['account', 'list']);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toBe(`error: SSO_DATABASE is a folder, not a file (it is "${folder}")\n`);
});

test.each(COMMANDS.filter((command) => !/^account (add|import|apply)/.test(command)))(
  '%s refuses a misspelled database path and creates nothing there',
  async (command) => {
    const SSO_APPS = path.join(temporaryFolder(), 'apps.json');
    writeFileSync(SSO_APPS, JSON.stringify([{ origin: FOO, name: 'Foo' }]));
    const SSO_SEALING_KEY_FILE = path.join(temporaryFolder(), 'sealing-keys');
    writeFileSync(SSO_SEALING_KEY_FILE, randomBytes(32).toString('base64'), { mode: 0o600 });
    const SSO_DATABASE = noDatabase();
    const { run } = administration({ SSO_DATABASE, SSO_ORIGIN: SSO, SSO_APPS, SSO_SEALING_KEY_FILE });
    expect(await run(command.split(' '))).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: database ${SSO_DATABASE} not found\n`,
    });
    expect(readdirSync(path.dirname(SSO_DATABASE))).toEqual([]);
  },
);

test('account import creates a missing database, since accounts may be added first', async () => {
  const { database, done } = administration({ SSO_DATABASE: noDatabase() });
  const file = path.join(temporaryFolder(), 'people.jsonl');
  writeFileSync(file, '');
  expect(await done(['account', 'import', file])).toBe('Added 0 accounts.\n');
  expect(existsSync(database)).toBe(true);
});

test('lists of an unused database are empty', async () => {
  for (const command of [['account', 'list'], ['session', 'list'], ['audit']]) {
    const { json, done } = administration();
    expect((await done(command)).trimEnd().split('\n')).toHaveLength(1);
    expect(await json(command)).toEqual([]);
  }
});

test('control characters in stored data and in arguments reach the terminal only as escapes', async () => {
  const { run, done, json, open } = administration();
  const stores = open();
  await addAda(stores);
  const hostile = '\u001b]0;owned\u0007\u001b[2J\r\u009b1A\u202e\n';
  await stores.accounts.rename({ ...ADA, displayName: hostile, usernameKey: 'ada' }, OPERATOR);
  const sid = await startSession(stores, { userAgent: hostile });
  await stores.tokens.issue(
    { hash: Buffer.alloc(32), app: hostile, sid, sessionTokenHash: Buffer.alloc(32), expiresAt: 0 },
    NO_REQUIREMENT,
    OPERATOR,
  );
  await stores.audit.add(
    { kind: 'token refused', app: hostile, detail: hostile },
    { ...OPERATOR, actor: hostile },
  );
  const commands = [['account', 'list'], ['account', 'show', 'ada'], ['session', 'list'], ['audit']];
  const printed = await Promise.all(commands.flatMap((args) => [done(args), done([...args, '--json'])]));
  const refused = await Promise.all(
    [
      ['account', 'show', hostile],
      ['session', 'end', hostile],
      ['audit', '--account', hostile],
      ['account', 'import', hostile],
      ['account', hostile],
      ['session', 'list', hostile],
      ['audit', '--kind', hostile],
      ['audit', '--since', hostile],
      ['audit', '--limit', hostile],
      [hostile],
    ].map(run),
  );
  for (const { stderr } of refused) expect(stderr).toMatch(/^error: [^\n]*\n(Run it [^\n]*\n)?$/);
  for (const text of [...printed, ...refused.map(({ stderr }) => stderr)]) {
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text).toContain('\\u001b');
  }
  expect(await json(['account', 'show', 'ada'])).toMatchObject({
    displayName: hostile,
    sessions: [{ userAgent: hostile }],
  });
});
