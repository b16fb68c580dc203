import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, GRACE, OPERATOR } from '../../../../../test/support/sso/test-service.ts';
import type { Stores } from '../../storage/stores.ts';
import { addAda, administration } from '../administration.fixture.ts';

async function withBoth() {
  const commandLine = administration();
  const stores = commandLine.open();
  await addAda(stores);
  await stores.accounts.add([{ ...GRACE, usernameKey: 'grace', passwordHash: 'hash' }], OPERATOR);
  return { ...commandLine, stores };
}

const recordsOf = async ({ audit }: Stores, kind: 'group joined' | 'group left') =>
  (await allRows(audit.pages({ kind, limit: 10 }))).map(({ username, detail }) => `${username} ${detail}`);

describe('group add', () => {
  test('adds accounts in any spelling or by id, each once, and says which were in it already', async () => {
    const { done, json, stores } = await withBoth();
    expect(await done(['group', 'add', 'staff', 'ADA', ADA.id])).toBe('Added 1 account to staff.\n');
    expect(await done(['group', 'add', 'staff', 'ada', 'grace'])).toBe(
      'Added 1 account to staff; 1 account already in it.\n',
    );
    expect(await json(['group', 'add', 'admins', 'ada'])).toEqual({ group: 'admins', added: ['ada'] });
    expect(await recordsOf(stores, 'group joined')).toEqual(['ada staff', 'grace staff', 'ada admins']);
    const [joined] = await allRows(stores.audit.pages({ kind: 'group joined', limit: 1 }));
    expect(joined?.actor).toMatch(/^operator /);
  });

  test('names every account that doesn’t exist, and adds none', async () => {
    const { run, stores } = await withBoth();
    expect(await run(['group', 'add', 'staff', 'ava', 'ada', 'gracie'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: account ava not found\nerror: account gracie not found\n',
    });
    expect(await stores.groups.of(ADA.id)).toEqual([]);
  });

  test.each(['Staff', '-staff', 'st aff', 'staff\u00e9', '', 'x'.repeat(64)])(
    'refuses the name %j',
    async (name) => {
      const { run, stores } = await withBoth();
      const { status, stderr } = await run(['group', 'add', '--', name, 'ada']);
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringMatching(/^error: the group must be 1 to 63 of a–z, .*\n$/),
      });
      expect(await stores.groups.of(ADA.id)).toEqual([]);
    },
  );

  test('refuses the hundred-and-first group of an account', async () => {
    const { run, done, stores } = await withBoth();
    for (let count = 0; count < 100; count += 1)
      await stores.groups.add(`group-${count}`, [ADA.id], OPERATOR);
    expect(await run(['group', 'add', 'staff', 'ada', 'grace'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: account ada is in 100 groups, which is the maximum\n',
    });
    expect(await stores.groups.of(GRACE.id)).toEqual([]);
    expect(await done(['group', 'add', 'group-7', 'ada'])).toContain('already in it');
  });
});

describe('group remove', () => {
  test('removes accounts, which are then to be reviewed', async () => {
    const { done, json, stores } = await withBoth();
    await done(['group', 'add', 'staff', 'ada', 'grace']);
    expect(await done(['group', 'remove', 'staff', 'ada'])).toBe('Removed 1 account from staff.\n');
    expect(await json(['group', 'remove', 'staff', 'ada', 'grace'])).toEqual({
      group: 'staff',
      removed: ['grace'],
    });
    expect(await done(['group', 'remove', 'staff', 'ada'])).toBe(
      'Removed 0 accounts from staff; 1 account not in it.\n',
    );
    expect(await recordsOf(stores, 'group left')).toEqual(['ada staff', 'grace staff']);
    expect((await stores.groups.findUnreviewed(10)).toSorted()).toEqual([ADA.id, GRACE.id].toSorted());
  });

  test('names every account that doesn’t exist, and removes none', async () => {
    const { run, done, stores } = await withBoth();
    await done(['group', 'add', 'staff', 'ada']);
    expect(await run(['group', 'remove', 'staff', 'ada', 'nobody'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: account nobody not found\n',
    });
    expect(await stores.groups.of(ADA.id)).toEqual(['staff']);
  });
});

test('group list shows the groups, or the accounts in one', async () => {
  const { run, done, json } = await withBoth();
  expect(await done(['group', 'list'])).toBe('GROUP  ACCOUNTS\n');
  await done(['group', 'add', 'staff', 'ada', 'grace']);
  await done(['group', 'add', 'admins', 'ada']);
  expect(await done(['group', 'list'])).toBe('GROUP   ACCOUNTS\nadmins  1\nstaff   2\n');
  expect(await json(['group', 'list'])).toEqual([
    { name: 'admins', memberCount: 1 },
    { name: 'staff', memberCount: 2 },
  ]);
  expect(await done(['group', 'list', 'admins'])).toBe(
    'USERNAME  DISPLAY NAME  DISABLED\nada       Ada Lovelace  -\n',
  );
  expect(await json(['group', 'list', 'staff'])).toMatchObject([ADA, GRACE]);
  expect((await run(['group', 'list', 'No Group'])).status).toBe(1);
});

test('account show names the groups of an account', async () => {
  const { done, json } = await withBoth();
  await done(['group', 'add', 'staff', 'ada']);
  await done(['group', 'add', 'admins', 'ada']);
  expect(await done(['account', 'show', 'ada'])).toMatch(/\ngroups: +admins, staff\n/);
  expect(await json(['account', 'show', 'ada'])).toMatchObject({ ...ADA, groups: ['admins', 'staff'] });
});
