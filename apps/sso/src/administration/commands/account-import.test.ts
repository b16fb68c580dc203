import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { hash } from '@node-rs/argon2';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { PASSWORD, temporaryFolder, testService } from '../../../../../test/support/sso/test-service.ts';
import { validateDisplayName } from '../../accounts/display-name.ts';
import { validateImportedHash } from '../../accounts/hashing/imported-hash.ts';
import { validateUsername } from '../../accounts/username.ts';
import { addAda, administration } from '../administration.fixture.ts';

/** Hashes from libxcrypt's `crypt`: of PASSWORD, and of one in the decomposed form that macOS types. */
const BCRYPT = '$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG';
const UNNORMALIZED = 'Zoe\u0308 und ihr Pferd Ⅳ';
const NORMALIZED = 'Zoë und ihr Pferd IV';
const BCRYPT_OF_UNNORMALIZED = '$2b$04$abcdefghijklmnopqrstuutOsPvxstUzc2CVJ2DV.EoW1QcCFZpHW';

const TODAYS = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/;

function line(username: string, passwordHash = `$2b${BCRYPT}`, displayName = username): string {
  return JSON.stringify({ username, displayName, passwordHash });
}

function fileOf(...lines: (string | Buffer)[]): string {
  const file = path.join(temporaryFolder(), 'people.jsonl');
  writeFileSync(file, Buffer.concat(lines.flatMap((text) => [Buffer.from(text), Buffer.from('\n')])));
  return file;
}

describe('after account import', () => {
  test.each<[string, string, () => Promise<string> | string]>([
    [
      'Argon2id of other parameters',
      PASSWORD,
      () => hash(PASSWORD, { memoryCost: 1024, timeCost: 3, parallelism: 2 }),
    ],
    ['bcrypt under $2a', PASSWORD, () => `$2a${BCRYPT}`],
    ['bcrypt under $2b', PASSWORD, () => `$2b${BCRYPT}`],
    ['bcrypt under $2y', PASSWORD, () => `$2y${BCRYPT}`],
    ['bcrypt of a password that was not normalized', UNNORMALIZED, () => BCRYPT_OF_UNNORMALIZED],
    [
      'Argon2id of a password that was not normalized',
      UNNORMALIZED,
      () => hash(UNNORMALIZED, { memoryCost: 1024, timeCost: 1, parallelism: 1 }),
    ],
  ])("a login replaces a hash of %s with today's", async (_name, password, makeHash) => {
    const { post, config, stores } = await testService();
    const { done } = administration({ SSO_DATABASE: config.database });
    const old = await makeHash();
    expect(await done(['account', 'import', fileOf(line('grace', old))])).toBe('Added 1 account.\n');
    const logIn = (typed: string) => post({ request: 'login', username: 'grace', password: typed });
    const stored = async () => (await stores.accounts.findCredentials('grace'))?.passwordHash;
    expect((await logIn('wrong horse battery staple')).statusCode).toBe(401);
    expect(await stored()).toBe(old);
    expect((await logIn(password)).statusCode).toBe(200);
    await expect.poll(stored).toMatch(TODAYS); // It is stored after the response.
    // Both forms are accepted from now on.
    for (const typed of [password, password === UNNORMALIZED ? NORMALIZED : password]) {
      expect((await logIn(typed)).statusCode).toBe(200);
    }
    expect((await logIn('wrong horse battery staple')).statusCode).toBe(401);
  });
});

describe('account import', () => {
  test('adds all accounts at once, skipping blank lines and a byte order mark', async () => {
    const { json, open } = administration();
    const { accounts, audit } = open();
    const file = fileOf(
      `\ufeff${line('grace', undefined, 'Grace Hopper')}`,
      '',
      ' \r',
      `${line('Ｚｏｅ')}\r`,
    );
    expect(await json(['account', 'import', file])).toEqual({ added: 2 });
    expect(await allRows(accounts.pages())).toMatchObject([
      { username: 'grace', displayName: 'Grace Hopper' },
      { username: 'Zoe' },
    ]);
    expect(await allRows(audit.pages({ kind: 'account added', limit: 10 }))).toHaveLength(2);
    expect(await json(['account', 'import', fileOf()])).toEqual({ added: 0 });
  });

  test('adds accounts to the groups of their lines', async () => {
    const { json, run, open } = administration();
    const { accounts, groups } = open();
    const withGroups = (username: string, groups: unknown) =>
      JSON.stringify({ ...JSON.parse(line(username)), groups });
    const file = fileOf(withGroups('grace', ['staff', 'admins']), line('zoe'));
    expect(await json(['account', 'import', file])).toEqual({ added: 2 });
    const groupsOf = async (username: string) => groups.of((await accounts.find(username))?.id ?? '');
    expect([await groupsOf('grace'), await groupsOf('zoe')]).toEqual([['admins', 'staff'], []]);
    const invalid = fileOf(withGroups('tom', ['staff', 'St aff']), withGroups('tim', 'staff'));
    expect((await run(['account', 'import', invalid])).stderr).toMatch(
      /^error: line 1: group 2 must be 1 to 63 of .*\nerror: line 2: "groups" isn't an array\n$/,
    );
    expect(await accounts.find('tom')).toBeNull();
  });

  test('lists the errors of every line, shows no hash, and adds no account', async () => {
    const { run, open } = administration();
    const stores = open();
    await addAda(stores);
    const argon2 = '$argon2id$v=19$m=99999999,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$BwcHBwcHBwcHBwcHBwcHBw';
    const file = fileOf(
      line('grace'),
      `{"username": "$2b${BCRYPT}"`,
      '["grace"]',
      'null',
      '{"username": "x", "displayName": 7}',
      `{"username": "x", "displayName": "x", "passwordHash": "$2b${BCRYPT}", "$2b${BCRYPT}": 1}`,
      line('a b', argon2, '\u001b[2J'),
      '',
      line('ADA'),
      line('Ｇrace'),
      line('y', '$6$salt$hash'),
      Buffer.of(0x22, 0xff, 0x22),
      line('x'.repeat(40_000)),
    );
    expect(await run(['account', 'import', file])).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: line 2: not valid JSON
error: line 3: not a JSON object
error: line 4: not a JSON object
error: line 5: "displayName" isn't a string
error: line 5: "passwordHash" is missing
error: line 6: only "username", "displayName", "passwordHash", "groups" are allowed
error: line 7: the username ${validateUsername('a b')}
error: line 7: the display name ${validateDisplayName('\u001b[2J')}
error: line 7: the password hash costs more than m=131072, m×t=262144, p=8
error: line 9: an account with this username already exists
error: line 10: same username as line 1
error: line 11: the password hash ${validateImportedHash('$6$salt$hash')}
error: line 12: not UTF-8
error: line 13: longer than 65536 bytes
`,
    });
    expect(await allRows(stores.accounts.pages())).toHaveLength(1);
  });

  test('accepts a mail address of 254 characters, and drops white space around usernames', async () => {
    const { json, run, open } = administration();
    const address = `${'a'.repeat(64)}@${'b'.repeat(185)}.org`;
    const file = fileOf(line(address, undefined, 'Long'), line(' grace\u00a0'), line('\ufeffZoe\u200b'));
    expect(await json(['account', 'import', file])).toEqual({ added: 3 });
    const names = (await allRows(open().accounts.pages())).map(({ username }) => username);
    expect(names).toEqual([address, 'grace', 'Zoe']);
    const again = fileOf(
      line('z\u00adoe'),
      line('ZOE\ufeff'),
      line('tom'),
      line('tom\u3000'),
      line(`${address}m`, undefined, 'Longer'),
    );
    expect(await run(['account', 'import', again])).toMatchObject({
      stderr: `error: line 1: the username ${validateUsername('z\u00adoe')}
error: line 2: an account with this username already exists
error: line 4: same username as line 3
error: line 5: the username ${validateUsername(`${address}m`)}
`,
    });
  });

  test("fails if the file can't be read", async () => {
    const { run } = administration();
    const folder = temporaryFolder();
    const refused = (stderr: string) => ({ status: 1, stdout: '', stderr });
    expect(await run(['account', 'import', `${folder}/none`])).toEqual(
      refused(`error: can't read ${folder}/none (ENOENT)\n`),
    );
    expect(await run(['account', 'import', folder])).toEqual(
      refused(`error: can't read ${folder} (EISDIR)\n`),
    );
  });
});
