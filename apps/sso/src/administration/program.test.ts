import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ADA, FOO, OPERATOR, SSO, temporaryFolder } from '../../../../test/support/sso/test-service.ts';
import { addAda, administration, noDatabase, outcomeOf, startSession } from './administration.fixture.ts';
import { GROUPS } from './commands.ts';

const commands = GROUPS.flatMap(({ commands }) => commands);

describe('the help', () => {
  test('of the program names every command, and all of its environment', async () => {
    const { status, stdout, stderr } = await outcomeOf(['--help'], {});
    expect([status, stderr]).toEqual([0, '']);
    for (const { name, purpose } of commands)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${purpose}$`, 'm'));
    for (const name of ['SSO_DATABASE', 'SSO_ORIGIN', 'SSO_APPS', 'Exit status:'])
      expect(stdout).toContain(name);
  });

  test.each(GROUPS.filter(({ commands }) => commands.length > 1))(
    'of $name names its commands',
    async (group) => {
      const { status, stdout, stderr } = await outcomeOf([group.name, '--help'], {});
      expect([status, stderr]).toEqual([0, '']);
      for (const { name, purpose } of group.commands) {
        expect(stdout).toContain(`  cli.ts ${name} `);
        expect(stdout).toMatch(new RegExp(`^  ${name} +${purpose}$`, 'm'));
      }
    },
  );

  test.each(commands)('of $name suffices', async ({ name, takes, options, environment, example }) => {
    const { status, stdout, stderr } = await outcomeOf([...name.split(' '), '--help'], {});
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`\nUsage:\n  cli.ts ${[name, ...takes].join(' ')}`);
    for (const option of [...Object.keys(options), 'json', 'help']) {
      expect(stdout).toMatch(new RegExp(`^  --${option}( [A-Z_]+)? +[a-z]`, 'm'));
    }
    for (const variable of environment) expect(stdout).toMatch(new RegExp(`^  ${variable} +[a-z]`, 'm'));
    expect(stdout).toMatch(/^Exit status:\n {2}0 {2}done$/m);
    expect(stdout).toContain(` node apps/sso/src/cli.ts ${example}\n`);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  test.each([[], ['account'], ['account', 'show'], ['audit']])(
    'of %j is that of -h, too',
    async (...args) => {
      const help = await outcomeOf([...args, '--help'], {});
      expect(help.status).toBe(0);
      expect(await outcomeOf([...args, '-h'], {})).toEqual(help);
    },
  );

  test.each(commands)('of $name shows an example that would be understood', async ({ example }) => {
    const args = [...example.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, ...texts]) => texts.join(''));
    const { status } = await outcomeOf(args.concat('--help'), {});
    expect(status).toBe(0);
  });
});

test.each([
  ['nothing', [], 'a command is missing'],
  ['an unknown group', ['frobnicate'], 'there is no command "frobnicate"'],
  ['a group alone', ['account'], 'a command is missing'],
  ['an unknown command', ['account', 'frobnicate'], 'there is no command "frobnicate"'],
  ['an option before the command', ['--json', 'account', 'list'], 'there is no command "--json"'],
  ['an unknown option', ['account', 'list', '--all'], "Unknown option '--all'"],
  [
    'a password as an option',
    ['account', 'add', 'ada', '--name', 'Ada', '--password', 'x'],
    "Unknown option '--password'",
  ],
  ['no way to the password', ['account', 'add', 'ada', '--name', 'Ada'], '--password-stdin is missing, and'],
  [
    'an option without its value',
    ['account', 'add', 'ada', '--name'],
    "Option '--name <value>' argument missing",
  ],
  ['a switch with a value', ['account', 'list', '--json=yes'], "Option '--json' does not take an argument"],
  ['a missing option', ['account', 'add', 'ada', '--password-stdin'], '--name is missing'],
  ['a missing argument', ['account', 'show'], 'USERNAME is missing'],
  ['one argument too many', ['account', 'show', 'ada', 'grace'], 'there is no place for "grace"'],
])('%s is misused, and answered with the usage', async (_name, args, fault) => {
  const { status, stdout, stderr } = await outcomeOf(args, {});
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr.split('\n')[0]).toContain(fault);
  expect(stderr).toContain('\n\nUsage:\n  cli.ts account ');
});

test.each([
  [[], 'cli.ts --help says more.'],
  [['frobnicate'], 'cli.ts --help says more.'],
  [['account'], 'cli.ts account --help says more.'],
  [['account', 'show'], 'cli.ts account show --help says more.'],
])('%j points to the help in its last line', async (args, pointer) => {
  const { stderr } = await outcomeOf(args, {});
  expect(stderr.split('\n').slice(-3)).toEqual(['', pointer, '']);
});

test.each(commands.filter(({ name }) => !name.startsWith('account add')))(
  '$name names the variables that are missing, and does nothing',
  async ({ name, takes, options, environment }) => {
    const optional = /^SSO_(TOKEN_SECONDS|PASSWORD_WORDS|MAX_FAILURES_.*)$/;
    const needed = environment.filter((variable) => !optional.test(variable));
    const taken = takes.map(() => 'x');
    const stdin = 'password-stdin' in options ? ['--password-stdin'] : [];
    expect(await outcomeOf([...name.split(' '), ...taken, ...stdin], {})).toEqual({
      status: 1,
      stdout: '',
      stderr: needed.map((variable) => `${variable} is missing\n`).join(''),
    });
  },
);

test('a database that cannot be used is one line', async () => {
  const folder = temporaryFolder();
  const { status, stdout, stderr } = await administration({ SSO_DATABASE: folder }).run(['account', 'list']);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toBe(`SSO_DATABASE is a folder, not a file (it is "${folder}")\n`);
});

const adding = ['account add', 'account import'];

test.each(commands.filter(({ name }) => !adding.includes(name)))(
  '$name takes no misspelled path for a database, and makes nothing there',
  async ({ name, takes, options }) => {
    const SSO_APPS = path.join(temporaryFolder(), 'apps.json');
    writeFileSync(SSO_APPS, JSON.stringify([{ origin: FOO, name: 'Foo' }]));
    const SSO_DATABASE = noDatabase();
    const taken = takes.map(() => 'x');
    const stdin = 'password-stdin' in options ? ['--password-stdin'] : [];
    const { run } = administration({ SSO_DATABASE, SSO_ORIGIN: SSO, SSO_APPS });
    expect(await run([...name.split(' '), ...taken, ...stdin])).toEqual({
      status: 1,
      stdout: '',
      stderr: `there is no database ${SSO_DATABASE}\n`,
    });
    expect(readdirSync(path.dirname(SSO_DATABASE))).toEqual([]);
  },
);

test('account import makes the database where there is none, since accounts come first', async () => {
  const { database, done } = administration({ SSO_DATABASE: noDatabase() });
  const file = path.join(temporaryFolder(), 'people.jsonl');
  writeFileSync(file, '');
  expect(await done(['account', 'import', file])).toBe('Added 0 accounts.\n');
  expect(existsSync(database)).toBe(true);
});

test('a database that was never used is one without anything in it', async () => {
  for (const command of [['account', 'list'], ['session', 'list'], ['audit']]) {
    const { json, done } = administration();
    expect((await done(command)).trimEnd().split('\n')).toHaveLength(1);
    expect(await json(command)).toEqual([]);
  }
});

test('nothing that came from outside reaches the terminal as anything but text', async () => {
  const { run, done, json, open } = administration();
  const stores = open();
  await addAda(stores);
  const hostile = '\u001b]0;owned\u0007\u001b[2J\r\u009b1A\u202e\n';
  await stores.accounts.rename({ ...ADA, displayName: hostile, usernameKey: 'ada' }, OPERATOR);
  const sid = await startSession(stores, { userAgent: hostile });
  await stores.tokens.issue({ hash: Buffer.alloc(32), app: hostile, sid, expiresAt: 0 }, OPERATOR);
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
      ['account', 'show', 'ada', hostile],
      [hostile],
    ].map(run),
  );
  for (const text of [...printed, ...refused.map(({ stderr }) => stderr)]) {
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(text).toContain('\\u001b');
  }
  expect(await json(['account', 'show', 'ada'])).toMatchObject({
    displayName: hostile,
    sessions: [{ userAgent: hostile }],
  });
});
