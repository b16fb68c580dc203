import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, FOO, GRACE, OPERATOR, temporaryFolder } from '../../../../../test/support/sso/test-service.ts';
import type { Stores } from '../../storage/stores.ts';
import {
  addAda,
  administration,
  noDatabase,
  noticesForFoo,
  startSession,
} from '../administration.fixture.ts';
import { planPeople } from '../people-plan.ts';
import { applyChanges } from './account-apply.ts';

const ada = { username: 'ada', displayName: 'Ada Lovelace' };
const grace = { username: 'grace', displayName: 'Grace Hopper', groups: ['staff'] };

function fileOf(...people: unknown[]): string {
  const file = path.join(temporaryFolder(), 'people.jsonl');
  writeFileSync(file, people.map((person) => `${JSON.stringify(person)}\n`).join(''));
  return file;
}

/** A database with ada, who is in the groups guests and staff. */
async function withAda() {
  const commandLine = administration();
  const stores = commandLine.open();
  await addAda(stores);
  for (const name of ['guests', 'staff']) await stores.groups.add(name, [ADA.id], OPERATOR);
  const apply = (file: string, ...options: string[]) =>
    commandLine.done(['account', 'apply', file, ...options]);
  return { ...commandLine, stores, apply };
}

/** Everything that account apply may change. */
async function stateOf({ accounts, groups, audit }: Stores) {
  const stored = await allRows(accounts.pages());
  const withGroups = stored.map(async (account) => ({ ...account, groups: await groups.of(account.id) }));
  const records = await allRows(audit.pages({ limit: 1000 }));
  return { accounts: await Promise.all(withGroups), records: records.length };
}

describe('account apply', () => {
  test('adds, renames and disables accounts, changes their groups, and prints each change', async () => {
    const { stores, apply } = await withAda();
    await stores.accounts.add([{ ...GRACE, usernameKey: 'grace', passwordHash: 'hash' }], OPERATOR);
    const file = fileOf(
      { ...ada, displayName: 'Ada Byron', groups: ['admins', 'staff'] },
      { username: 'joan', displayName: 'Joan Clarke', groups: ['staff', 'admins'] },
      { username: 'alan', displayName: 'Alan Turing' },
    );
    expect(await apply(file, '--disable-absent')).toBe(
      'rename ada (Ada Byron)\n' +
        'join ada: admins\n' +
        'leave ada: guests\n' +
        'add joan (Joan Clarke): staff, admins\n' +
        'add alan (Alan Turing)\n' +
        'disable grace\n' +
        'Made 6 changes for 3 people.\n',
    );
    const { accounts } = await stateOf(stores);
    expect(accounts).toMatchObject([
      { id: ADA.id, displayName: 'Ada Byron', disabledAt: null, groups: ['admins', 'staff'] },
      { username: 'alan', displayName: 'Alan Turing', disabledAt: null, groups: [] },
      { id: GRACE.id, disabledAt: expect.any(Number), groups: [] },
      { username: 'joan', displayName: 'Joan Clarke', disabledAt: null, groups: ['admins', 'staff'] },
    ]);
    expect(await stores.groups.findUnreviewed(10)).toEqual([ADA.id]);
    const [added] = await allRows(stores.audit.pages({ account: 'joan', limit: 1 }));
    expect(added?.actor).toMatch(/^operator /);
  });

  test('changes nothing the second time, with any options', async () => {
    const { stores, apply } = await withAda();
    await stores.accounts.add([{ ...GRACE, usernameKey: 'grace', passwordHash: 'hash' }], OPERATOR);
    const joan = { username: 'joan', displayName: 'Joan Clarke', groups: ['staff'] };
    const file = fileOf({ ...ada, username: 'ada.byron', formerUsername: 'ada' }, joan);
    expect(await apply(file, '--disable-absent')).toContain('disable grace\n');
    const before = await stateOf(stores);
    expect(await apply(file, '--disable-absent')).toBe('Made 0 changes for 2 people.\n');
    expect(await stateOf(stores)).toEqual(before);
  });

  test('with --dry-run prints the same changes, and makes none', async () => {
    const { stores, apply, json } = await withAda();
    const file = fileOf({ ...ada, groups: [] }, grace);
    const before = await stateOf(stores);
    const planned = await apply(file, '--dry-run', '--disable-absent');
    expect(planned).toBe(
      'leave ada: guests, staff\nadd grace (Grace Hopper): staff\nWould make 2 changes for 2 people.\n',
    );
    const plan = await json(['account', 'apply', file, '--dry-run']);
    expect(await stateOf(stores)).toEqual(before);
    expect(plan).toEqual({
      dryRun: true,
      people: 2,
      changes: [
        { action: 'leave', username: 'ada', groups: ['guests', 'staff'] },
        { action: 'add', username: 'grace', displayName: 'Grace Hopper', groups: ['staff'] },
      ],
    });
    expect(await apply(file)).toBe(planned.replace('Would make', 'Made'));
  });

  test('renames an account that is found by its former username', async () => {
    const { stores, json } = await withAda();
    const file = fileOf({ username: 'Ada.Byron', displayName: 'Ada Byron', formerUsername: 'ADA' });
    expect(await json(['account', 'apply', file])).toEqual({
      dryRun: false,
      people: 1,
      changes: [{ action: 'rename', from: 'ada', username: 'Ada.Byron', displayName: 'Ada Byron' }],
    });
    expect(await stores.accounts.find('ada.byron')).toMatchObject({ id: ADA.id, username: 'Ada.Byron' });
  });

  test('adds a person whose username another person had before', async () => {
    const { stores, apply } = await withAda();
    await apply(fileOf({ ...ada, username: 'ada.byron', formerUsername: 'ada' }));
    const both = fileOf(
      { ...ada, username: 'ada.byron', formerUsername: 'ada' },
      { ...ada, displayName: 'Ada' },
    );
    expect(await apply(both)).toBe('add ada (Ada)\nMade 1 change for 2 people.\n');
    expect(await stores.accounts.find('ada')).not.toMatchObject({ id: ADA.id });
  });

  test('refuses a line whose two usernames belong to two accounts, and changes nothing', async () => {
    const { stores, run } = await withAda();
    await stores.accounts.add([{ ...GRACE, usernameKey: 'grace', passwordHash: 'hash' }], OPERATOR);
    const before = await stateOf(stores);
    const file = fileOf({ ...ada, username: 'Grace', formerUsername: 'ADA', groups: ['admins'] });
    expect(await run(['account', 'apply', file, '--disable-absent'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: line 1: the username and the former username belong to two accounts, grace and ada\n',
    });
    expect(await stateOf(stores)).toEqual(before);
  });

  test('moves people between groups without a moment in which they are in neither', async () => {
    const { stores } = await withAda();
    await startSession(stores);
    const plan = await planPeople(fileOf({ ...ada, groups: ['admins'] }), stores, { disablesAbsent: false });
    if ('errors' in plan) throw new Error(plan.errors.join());
    // The service reviews accounts all the time, and so between any two transactions.
    const review = () => stores.groups.review(ADA.id, new Map([[FOO, ['admins', 'staff']]]), OPERATOR);
    const withReviews = <Args extends unknown[], Result>(change: (...args: Args) => Promise<Result>) =>
      vi.fn(async (...args: Args) => {
        const result = await change(...args);
        expect(await review()).toBe(0);
        return result;
      });
    const { add, remove, move } = stores.groups;
    const groups = {
      ...stores.groups,
      ...{ add: withReviews(add), remove: withReviews(remove), move: withReviews(move) },
    };
    expect(await applyChanges({ ...stores, groups }, plan.changes, OPERATOR)).toEqual([]);
    expect(await stores.groups.of(ADA.id)).toEqual(['admins']);
    expect(groups.move).toHaveBeenCalledOnce();
    expect(await noticesForFoo(stores)).toEqual([]);
  });

  test('changes the groups of many people, of each as their line says', async () => {
    const { stores, apply } = await withAda();
    const fileWith = (groupsOf: (index: number) => string[]) =>
      fileOf(
        ...Array.from({ length: 1100 }, (_, index) => ({
          username: `person-${index}`,
          displayName: 'Person',
          groups: groupsOf(index),
        })),
      );
    await apply(fileWith((index) => [index % 2 === 0 ? 'even' : 'odd']));
    const after = [['even', 'staff'], ['guests'], ['odd'], []];
    await apply(fileWith((index) => after[index % 4] ?? []));
    const people = (await allRows(stores.accounts.pages())).filter(({ id }) => id !== ADA.id);
    const actual = await Promise.all(
      people.map(async ({ id, username }) => [username, await stores.groups.of(id)] as const),
    );
    const expected = Array.from({ length: 1100 }, (_, index) => [`person-${index}`, after[index % 4]]);
    expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected));
  });

  test('accepts names and groups at their limits, even with every character escaped', async () => {
    const { stores, run } = await withAda();
    const username = '𐍈'.repeat(254); // A letter of two UTF-16 units, which NFKC keeps.
    const groups = Array.from({ length: 100 }, (_, index) => `${index}-`.padEnd(63, 'x')).toSorted();
    const person = { username, displayName: '𐍈'.repeat(128), formerUsername: username, groups };
    const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    const file = path.join(temporaryFolder(), 'people.jsonl');
    writeFileSync(file, JSON.stringify(person).replace(/[^{}[\]:,"]/g, escapeUnit));
    expect(await run(['account', 'apply', file])).toMatchObject({ status: 0, stderr: '' });
    const added = await stores.accounts.find(username);
    expect(await stores.groups.of(added?.id ?? '')).toEqual(groups);
  });

  test('leaves groups without "groups" as they are, and absent accounts without an option', async () => {
    const { stores, apply } = await withAda();
    expect(await apply(fileOf(grace))).toBe('add grace (Grace Hopper): staff\nMade 1 change for 1 person.\n');
    expect(await apply(fileOf(ada, grace))).toBe('Made 0 changes for 2 people.\n');
    expect(await stores.groups.of(ADA.id)).toEqual(['guests', 'staff']);
  });

  test('ends the sessions of an account that it disables', async () => {
    const { stores, apply } = await withAda();
    await startSession(stores);
    await apply(fileOf(grace), '--disable-absent');
    expect(await allRows(stores.sessions.pages())).toEqual([]);
  });

  test('never enables a disabled account, and says so', async () => {
    const { stores, run } = await withAda();
    await stores.accounts.disable(ADA.id, OPERATOR);
    expect(
      await run(['account', 'apply', fileOf({ ...ada, groups: ['staff'] }), '--disable-absent']),
    ).toEqual({
      status: 0,
      stdout: 'leave ada: guests\nMade 1 change for 1 person.\n',
      stderr: 'warning: account ada is in the file, but stays disabled\n',
    });
    expect(await stores.accounts.findById(ADA.id)).toMatchObject({ disabledAt: OPERATOR.at });
  });

  test('adds accounts that nobody can sign in to before an invitation', async () => {
    const { stores, apply } = await withAda();
    await apply(fileOf(grace));
    const { passwordHash } = (await stores.accounts.findCredentials('grace')) ?? {};
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    await apply(fileOf({ ...grace, username: 'another' }));
    expect((await stores.accounts.findCredentials('another'))?.passwordHash).not.toBe(passwordHash);
  });

  test('creates a missing database, but not with --dry-run', async () => {
    const { run, done } = administration({ SSO_DATABASE: noDatabase() });
    const { status, stderr } = await run(['account', 'apply', fileOf(grace), '--dry-run']);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/not found/) });
    expect(await done(['account', 'apply', fileOf(grace)])).toContain('Made 1 change');
  });

  test('lists the errors of every line, and changes nothing', async () => {
    const { stores, run } = await withAda();
    const before = await stateOf(stores);
    const file = fileOf(
      { ...ada, groups: ['Staff', 'staff', 7] },
      { username: 'a b', displayName: '', formerUsername: ' ' },
      { ...grace, groups: 'staff' },
      { ...grace, groups: null },
      { username: 'x', passwordHash: 'secret' },
      [],
      { ...ada, username: 'ADA' },
      { ...ada, username: 'new', formerUsername: 'ada' },
      { ...grace, groups: Array.from({ length: 101 }, (_, index) => `group-${index}`) },
    );
    const { status, stdout, stderr } = await run(['account', 'apply', file, '--disable-absent']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).not.toContain('secret');
    expect(stderr.replaceAll(/ \(a username .*\)/g, '').split('\n')).toEqual([
      expect.stringMatching(/^error: line 1: group 1 must be 1 to 63 of /),
      expect.stringMatching(/^error: line 1: group 3 must be 1 to 63 of /),
      'error: line 2: the username contains white space or an invisible character',
      'error: line 2: the display name is empty',
      'error: line 2: the username is empty',
      `error: line 3: "groups" isn't an array`,
      `error: line 4: "groups" isn't an array`,
      'error: line 5: "displayName" is missing',
      'error: line 5: only "username", "displayName", "formerUsername", "groups" are allowed',
      'error: line 6: not a JSON object',
      'error: line 8: same account as line 7',
      'error: line 9: "groups" has more than 100 groups',
      '',
    ]);
    expect(await stateOf(stores)).toEqual(before);
  });

  test.each([[[]], [['--disable-absent']]])('refuses an empty file, with the options %j', async (options) => {
    const { stores, run } = await withAda();
    expect(await run(['account', 'apply', fileOf(), ...options])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: the file is empty\n',
    });
    expect(await stores.accounts.findById(ADA.id)).toMatchObject({ disabledAt: null });
  });

  test('says so if the file can’t be read', async () => {
    const { run } = await withAda();
    const file = path.join(temporaryFolder(), 'none.jsonl');
    expect((await run(['account', 'apply', file])).stderr).toBe(`error: can't read ${file} (ENOENT)\n`);
  });
});

test('account apply reports what failed because of another change, and makes the others', async () => {
  const { stores } = await withAda();
  const account = { ...ADA, createdAt: 0, disabledAt: null };
  const gone = { ...account, id: 'gone', username: 'gone' };
  const taken = { ...GRACE, usernameKey: 'ada', passwordHash: 'hash', groups: [] };
  const move = vi.spyOn(stores.groups, 'move');
  const errors = await applyChanges(
    stores,
    [
      { action: 'join', account, groups: ['admins'] },
      { action: 'rename', from: gone, to: { ...gone, usernameKey: 'gone' } },
      { action: 'add', account: { ...taken, username: 'ada' } },
      { action: 'leave', account, groups: ['staff'] },
    ],
    OPERATOR,
  );
  expect(errors).toEqual([
    'rename gone (Ada Lovelace): the account has been removed meanwhile',
    'add ada (Grace Hopper): an account with this username exists now, so no account was added',
  ]);
  expect(move).toHaveBeenCalledTimes(1);
  expect(await stores.groups.of(ADA.id)).toEqual(['admins', 'guests']);
});
