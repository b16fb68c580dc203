import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, FOO, OPERATOR } from '../../../../../test/support/sso/test-service.ts';
import {
  addAda,
  emptyDatabase,
  noticesForFoo,
  startSession,
} from '../../administration/administration.fixture.ts';
import type { Stores } from '../stores.ts';
import { openSqliteStores } from './open-stores.ts';

test('a search that finds nothing to end waits for no lock', async () => {
  const file = emptyDatabase();
  const stores = openSqliteStores(file);
  onTestFinished(() => stores.close());
  await addAda(stores);
  await stores.groups.add('staff', [ADA.id], OPERATOR);
  await startSession(stores);
  const sqlite = new Sqlite(file);
  onTestFinished(() => void sqlite.close());
  sqlite.exec('BEGIN IMMEDIATE');
  const ended: number[] = [];
  const required = { groups: ['staff'], secondFactor: false };
  for await (const count of stores.sessions.endExcluded(FOO, required, OPERATOR)) ended.push(count);
  expect(ended).toEqual([0]);
});

test.each<[string, (stores: Stores) => Promise<unknown>]>([
  ['a removed app', ({ sessions }) => sessions.endAtApp(FOO, OPERATOR)],
  [
    'an app that requires more',
    async ({ sessions }) => {
      const required = { groups: ['staff'], secondFactor: false };
      for await (const _ of sessions.endExcluded(FOO, required, OPERATOR));
    },
  ],
  ['a former member', ({ groups }) => groups.review(ADA.id, new Map([[FOO, ['staff']]]), OPERATOR)],
])('the access of %s ends as a whole, or not at all', async (_whose, end) => {
  const file = emptyDatabase();
  const stores = openSqliteStores(file);
  onTestFinished(() => stores.close());
  await addAda(stores);
  const sid = await startSession(stores);
  const sqlite = new Sqlite(file);
  onTestFinished(() => void sqlite.close());
  sqlite.exec(
    `CREATE TRIGGER refuse BEFORE DELETE ON session_app BEGIN SELECT RAISE(ABORT, 'refused by a test'); END`,
  );
  await expect(end(stores)).rejects.toThrow('refused by a test');
  expect(await noticesForFoo(stores)).toEqual([]);
  expect(await allRows(stores.audit.pages({ kind: 'app access ended', limit: 10 }))).toEqual([]);
  sqlite.exec('DROP TRIGGER refuse');
  await end(stores);
  expect(await noticesForFoo(stores)).toEqual([sid]);
});
