/** Several instances on one PostgreSQL database, each with a registry file of its own. */
import { randomBytes } from 'node:crypto';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { postgresUrl } from '../../../../test/support/postgres.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { FOO, LOREM, NO_REQUIREMENT, OPERATOR } from '../../../../test/support/sso/test-service.ts';
import { addAda, startSession } from '../administration/administration.fixture.ts';
import { openStores } from '../storage/open-stores.ts';
import { followedRegistry, foo, lorem } from './followed-registry.fixture.ts';
import { RegistryRecord } from './registry-record.ts';
import { RemovedApps } from './removed-apps.ts';

let database: string;

beforeEach(async () => {
  database = await postgresUrl();
});

async function startInstance(instance: string, apps = [foo, lorem]) {
  const stores = await openStores(database);
  onTestFinished(() => stores.close());
  const followed = await followedRegistry(apps);
  const { registry, log } = followed;
  const removedApps = new RemovedApps({ registry, stores, clock: Date.now, log });
  const record = new RegistryRecord(instance, stores.registry, registry, Date.now);
  await record.poll();
  await removedApps.poll();
  const issueToken = async (sid: string, app: string) => {
    const hashes = { hash: randomBytes(32), sessionTokenHash: randomBytes(32) };
    const token = { ...hashes, app, sid, expiresAt: Date.now() + 30_000 };
    expect(await stores.tokens.issue(token, NO_REQUIREMENT, { ...OPERATOR, at: Date.now() })).toBeNull();
  };
  const change = async (apps: unknown) => {
    followed.write(apps);
    await followed.poll();
    await record.poll();
  };
  return { stores, removedApps, record, issueToken, change };
}

const noticesFor = async ({ stores }: Awaited<ReturnType<typeof startInstance>>, app: string) =>
  (await stores.logoutNotices.due(app, 'a test', Date.now(), 1000)).map(({ sid }) => sid).sort();

test('an app that all instances remove at once loses each session once', async () => {
  const [one, two] = [await startInstance('one'), await startInstance('two')];
  await addAda(one.stores);
  const sids: string[] = [];
  for (let count = 0; count < 300; count += 1) sids.push(await startSession(one.stores));
  await Promise.all([one.change([lorem]), two.change([lorem])]);
  await Promise.all([one.removedApps.poll(), two.removedApps.poll()]);
  expect(await noticesFor(one, FOO)).toEqual(sids.sort());
  const ended = await allRows(one.stores.audit.pages({ kind: 'app access ended', limit: 1000 }));
  expect(ended).toHaveLength(300);
});

test('an instance that reads its registry later ends what it gave the app in between', async () => {
  const [early, late] = [await startInstance('early'), await startInstance('late')];
  await addAda(early.stores);
  const first = await startSession(early.stores);
  await early.change([lorem]);
  await early.removedApps.poll();
  expect(await noticesFor(early, FOO)).toEqual([first]);
  const second = await startSession(late.stores);
  await late.issueToken(second, LOREM);
  await late.change([lorem]);
  await late.removedApps.poll();
  expect(await noticesFor(early, FOO)).toEqual([first, second].sort());
  expect(await noticesFor(early, LOREM)).toEqual([]);
});

test('an instance that starts ends the access of apps that only earlier instances knew', async () => {
  const earlier = await startInstance('earlier');
  await addAda(earlier.stores);
  const sid = await startSession(earlier.stores);
  await earlier.record.clear();
  const now = await startInstance('now', [lorem]);
  expect(await noticesFor(now, FOO)).toEqual([sid]);
  expect(await now.stores.registry.servers()).toEqual(
    new Map([
      [FOO, foo.server],
      [LOREM, lorem.server],
    ]),
  );
});

test('each instance records what it has loaded', async () => {
  const [one] = [await startInstance('one'), await startInstance('two')];
  await one.change([foo]);
  const found = await one.stores.registry.find(Date.now() - 60_000);
  expect(found.map(({ instance, apps }) => [instance, apps.map(({ origin }) => origin)])).toEqual([
    ['one', [FOO]],
    ['two', [FOO, LOREM]],
  ]);
});

test('an instance that starts with an older registry leaves an app alone that another serves', async () => {
  const newer = await startInstance('newer');
  await addAda(newer.stores);
  await startSession(newer.stores);
  const older = await startInstance('older', [lorem]);
  expect(await noticesFor(older, FOO)).toEqual([]);
});
