import { sha256 } from '@samesite-sso/core';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, OPERATOR, SSO } from '../../../../../test/support/sso/test-service.ts';
import { isOutdated, verifyPassword } from '../../accounts/hashing/argon2.ts';
import { addAda, administration, emptyDatabase, noDatabase } from '../administration.fixture.ts';

const HOURS_72_MS = 259_200_000;

const site = (database = emptyDatabase()) => administration({ SSO_DATABASE: database, SSO_ORIGIN: SSO });
const secretOf = (link: string) =>
  /^http:\/\/sso\.example\.localhost:4000\/#invitation=([\w-]{43})$/.exec(link)?.[1];

describe('account invite', () => {
  test('prints a link whose secret is in the fragment, for 72 hours, and stores only its hash', async () => {
    const { done, open } = site();
    const stores = open();
    await addAda(stores);
    const before = Date.now();
    const output = await done(['account', 'invite', 'ada']);
    const lines = output.split('\n');
    expect(lines[0]).toMatch(
      /^Invited ada \(Ada Lovelace\)\. The link works once, until 20\d\d-\d\d-\d\dT\d\d:\d\dZ:$/,
    );
    const secret = secretOf(lines[1] ?? '') ?? '';
    const { invitations } = stores;
    expect(await invitations.find(sha256(secret), before + HOURS_72_MS - 1)).toEqual(ADA);
    expect(await invitations.find(sha256(secret), Date.now() + HOURS_72_MS)).toBeNull();
    expect(await allRows(stores.audit.pages({ kind: 'invitation created', limit: 9 }))).toMatchObject([
      { username: 'ada', detail: null, actor: expect.stringMatching(/^operator /) },
    ]);
  });

  test('prints JSON for a program that mails the link', async () => {
    const { json, open } = site();
    await addAda(open());
    const { link, expiresAt, ...account } = await json(['account', 'invite', 'ADA']);
    expect(account).toEqual({ ...ADA, createdAt: '1970-01-01T00:00:00.000Z', disabledAt: null });
    expect(secretOf(link)).toBeDefined();
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(HOURS_72_MS - 60_000);
  });

  test('replaces an earlier link', async () => {
    const { json, open } = site();
    const { invitations, ...stores } = open();
    await addAda({ invitations, ...stores });
    const hashes: Buffer[] = [];
    for (let count = 0; count < 2; count += 1) {
      const { link } = await json(['account', 'invite', 'ada']);
      hashes.push(sha256(secretOf(link) ?? ''));
    }
    const found = await Promise.all(hashes.map((hash) => invitations.find(hash, Date.now())));
    expect(found).toEqual([null, ADA]);
  });

  test('adds an account with a display name, even to a new database', async () => {
    const { json, run, open } = site(noDatabase());
    const { link, ...account } = await json(['account', 'invite', ' Ada ', '--name', 'Ada Lovelace']);
    expect(account).toMatchObject({ username: 'Ada', displayName: 'Ada Lovelace' });
    const stores = open();
    expect(await stores.invitations.find(sha256(secretOf(link) ?? ''), Date.now())).toMatchObject({
      username: 'Ada',
    });
    const again = await run(['account', 'invite', 'ada', '--name', 'Another']);
    expect(again.stderr).toBe("error: account ada already exists; to invite it, leave out '--name'\n");
    expect(await allRows(stores.accounts.pages())).toHaveLength(1);
  });

  test('adds an account that doesn’t exist, and says so', async () => {
    const { done, run, open } = site();
    const lines = (await done(['account', 'invite', ' Grace '])).split('\n');
    expect(lines[0]).toMatch(/^Added and invited Grace \(Grace\)\. The link works once, until /);
    const invited = await open().invitations.find(sha256(secretOf(lines[1] ?? '') ?? ''), Date.now());
    expect(invited).toMatchObject({ username: 'Grace', displayName: 'Grace' });
    expect(await run(['account', 'invite', '-'])).toMatchObject({ status: 1 });
    expect(await allRows(open().accounts.pages())).toHaveLength(1);
  });

  test('doesn’t create a database, unless the account gets a name', async () => {
    const { run } = site(noDatabase());
    expect(await run(['account', 'invite', 'grace'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/not found\n$/),
    });
  });

  test('is refused for an account that is disabled', async () => {
    const { run, open } = site();
    const stores = open();
    await addAda(stores);
    await stores.accounts.disable(ADA.id, OPERATOR);
    expect(await run(['account', 'invite', 'ada'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: account ada is disabled; enable it first\n',
    });
    expect(await allRows(stores.audit.pages({ kind: 'invitation created', limit: 9 }))).toEqual([]);
  });

  test.each([
    [{}, /^error: SSO_ORIGIN .*\n$/],
    [{ SSO_ORIGIN: 'http://sso.example.com' }, /^error: SSO_ORIGIN .*\n$/],
    [{ SSO_ORIGIN: `${SSO}/` }, /^error: SSO_ORIGIN .*\n$/],
  ])('needs the origin of the SSO service: %j', async (environment, message) => {
    const { run, open } = administration({ SSO_DATABASE: emptyDatabase(), ...environment });
    const stores = open();
    await addAda(stores);
    const { status, stdout, stderr } = await run(['account', 'invite', 'ada']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(await allRows(stores.audit.pages({ kind: 'invitation created', limit: 9 }))).toEqual([]);
  });
});

describe('account add without a password', () => {
  test.each([
    ['with --no-password', ['--no-password']],
    ['without a terminal', []],
  ])('%s adds an account that no password signs in to, and that looks like any other', async (_how, more) => {
    const { done, open } = site();
    const added = await done(['account', 'add', 'ada', '--name', 'Ada Lovelace', ...more]);
    expect(added).toBe(
      "Added ada (Ada Lovelace). It has no password: invite its person with 'account invite'.\n",
    );
    const credentials = await open().accounts.findCredentials('ada');
    const hash = credentials?.passwordHash ?? '';
    expect(isOutdated(hash)).toBe(false);
    for (const password of ['', 'correct horse battery staple']) {
      expect(await verifyPassword(hash, password)).toBe(false);
    }
    expect(credentials).toMatchObject({ isDisabled: false, isImported: false });
  });

  test('can’t have a password as well', async () => {
    const { run } = site();
    const both = ['account', 'add', 'ada', '--name', 'Ada', '--no-password', '--password-stdin'];
    expect(await run(both)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("'--no-password' cannot be used with option '--password-stdin'"),
    });
  });
});
