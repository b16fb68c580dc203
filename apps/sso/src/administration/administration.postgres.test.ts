/** The command line on a PostgreSQL database. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PASSWORD_HASH } from '../../../../test/support/accounts.ts';
import { postgresUrl } from '../../../../test/support/postgres.ts';
import { temporaryFolder } from '../../../../test/support/sso/test-service.ts';
import { openStores } from '../storage/open-stores.ts';
import { addAda, administration, noticesForFoo, startSession } from './administration.fixture.ts';

async function onPostgres() {
  const commands = administration({ SSO_DATABASE: await postgresUrl() });
  const stores = await openStores(commands.database);
  onTestFinished(() => stores.close());
  return { ...commands, stores };
}

test('the command line manages accounts, sessions and limits in a PostgreSQL database', async () => {
  const { done, json, stores } = await onPostgres();
  const file = path.join(temporaryFolder(), 'people.jsonl');
  const grace = { username: 'grace', displayName: 'Grace Hopper', passwordHash: PASSWORD_HASH };
  writeFileSync(file, JSON.stringify(grace));
  expect(await done(['account', 'import', file])).toBe('Added 1 account.\n');
  await addAda(stores);
  expect(await json(['account', 'list'])).toMatchObject([{ username: 'ada' }, { username: 'grace' }]);
  const sid = await startSession(stores);
  expect(await json(['session', 'list', 'ada'])).toMatchObject([{ sid }]);
  expect(await done(['session', 'end', '--all'])).toBe('1 session ended.\n');
  expect(await noticesForFoo(stores)).toEqual([sid]);
  expect(await json(['throttle', 'list'])).toEqual([]);
  expect(await done(['throttle', 'lift', 'ada'])).toBe('Forgot 0 failed sign-ins.\n');
  expect(await json(['audit', '--kind', 'session ended'])).toMatchObject([{ sid, username: 'ada' }]);
});

test('the command line manages groups in a PostgreSQL database', async () => {
  const { done, json, stores } = await onPostgres();
  await addAda(stores);
  expect(await json(['group', 'add', 'staff', 'ada'])).toEqual({ group: 'staff', added: ['ada'] });
  const file = path.join(temporaryFolder(), 'people.jsonl');
  const people = [
    { username: 'ada', displayName: 'Ada Byron', groups: ['admins'] },
    { username: 'grace', displayName: 'Grace Hopper', groups: ['admins', 'staff'] },
  ];
  writeFileSync(file, people.map((person) => `${JSON.stringify(person)}\n`).join(''));
  const changes =
    'rename ada (Ada Byron)\njoin ada: admins\nleave ada: staff\n' +
    'add grace (Grace Hopper): admins, staff\n';
  expect(await done(['account', 'apply', file, '--dry-run'])).toBe(
    `${changes}Would make 4 changes for 2 people.\n`,
  );
  expect(await done(['account', 'apply', file])).toBe(`${changes}Made 4 changes for 2 people.\n`);
  expect(await done(['account', 'apply', file])).toBe('Made 0 changes for 2 people.\n');
  expect(await json(['group', 'list'])).toEqual([
    { name: 'admins', memberCount: 2 },
    { name: 'staff', memberCount: 1 },
  ]);
  expect(await json(['group', 'list', 'staff'])).toMatchObject([{ username: 'grace' }]);
  expect(await json(['account', 'show', 'ada'])).toMatchObject({ groups: ['admins'] });
});

test('a PostgreSQL database isn’t copied by backup, which names what does that', async () => {
  const { run } = await onPostgres();
  const { status, stdout, stderr } = await run(['backup', path.join(temporaryFolder(), 'copy')]);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /^error: SSO_DATABASE is a PostgreSQL database.* pg_dump.* point-in-time recovery.*\n$/,
  );
  expect(stderr).toContain('docs/several-instances.md');
});

describe('a URL of PostgreSQL that can’t be used is an error of one line without its password:', () => {
  test.each([
    ['another scheme of URL', (url: URL) => url.href.replace('://', ':')],
    ['an unknown parameter', (url: URL) => `${url.href}?sslmod=disable`],
    ['a port where nothing listens', (url: URL) => Object.assign(new URL(url), { port: '1' }).href],
    [
      'a database that doesn’t exist',
      (url: URL) => Object.assign(new URL(url), { pathname: 'nowhere' }).href,
    ],
  ])('%s', async (_name, change) => {
    const url = new URL(await postgresUrl());
    url.password = 'hunter2';
    for (const command of [['account', 'list'], ['session', 'end', '--all'], ['audit']]) {
      const { status, stdout, stderr } = await administration({ SSO_DATABASE: change(url) }).run(command);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^error: SSO_DATABASE:? [^\n]+\n$/);
      expect(stderr).not.toContain('hunter2');
    }
  });
});
