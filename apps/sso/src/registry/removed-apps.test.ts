import { randomBytes } from 'node:crypto';
import { HttpProblem } from '@samesite-sso/core';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { FOO, LOREM, NO_REQUIREMENT, OPERATOR } from '../../../../test/support/sso/test-service.ts';
import { addAda, emptyDatabase, startSession } from '../administration/administration.fixture.ts';
import { openSqliteStores } from '../storage/sqlite/open-stores.ts';
import type { Stores } from '../storage/stores.ts';
import { followedRegistry, foo, lorem } from './followed-registry.fixture.ts';
import type { RegisteredApp } from './read-registry.ts';
import { RemovedApps } from './removed-apps.ts';

let stores: Stores;

beforeEach(async () => {
  stores = openSqliteStores(emptyDatabase());
  onTestFinished(() => stores.close());
  await addAda(stores);
});

async function withRegistry(apps: RegisteredApp[]) {
  const followed = await followedRegistry(apps);
  const removedApps = new RemovedApps({
    registry: followed.registry,
    stores,
    clock: Date.now,
    log: followed.log,
  });
  const change = async (apps: RegisteredApp[]) => {
    followed.write(apps);
    await followed.poll();
    followed.log.info.mockClear();
  };
  return { ...followed, removedApps, change };
}

/** Starts a session with a token for foo and one for lorem. @returns its id */
async function sessionAtBoth(): Promise<string> {
  const sid = await startSession(stores);
  await issueToken(sid, LOREM);
  return sid;
}

async function issueToken(sid: string, app: string): Promise<void> {
  const hashes = { hash: randomBytes(32), sessionTokenHash: randomBytes(32) };
  await stores.tokens.issue(
    { ...hashes, app, sid, expiresAt: Date.now() + 30_000 },
    NO_REQUIREMENT,
    OPERATOR,
  );
}

const noticesFor = async (app: string) =>
  (await stores.logoutNotices.due(app, 'a test', Date.now(), 1000)).map(({ sid }) => sid).sort();

const endedAccess = async () =>
  (await allRows(stores.audit.pages({ kind: 'app access ended', limit: 1000 }))).map(
    ({ actor, app, sid }) => ({ actor, app, sid }),
  );

describe('an app that was removed from the registry', () => {
  test('loses its sessions, and nothing else ends [T-SIGNOUT-12]', async () => {
    const { removedApps, change, log } = await withRegistry([foo, lorem]);
    const sids = [await sessionAtBoth(), await sessionAtBoth()].sort();
    await change([lorem]);
    await removedApps.poll();
    expect(await noticesFor(FOO)).toEqual(sids);
    expect(await noticesFor(LOREM)).toEqual([]);
    const sessions = await allRows(stores.sessions.pages());
    expect(sessions.map(({ sid, apps }) => [sid, apps]).sort()).toEqual(sids.map((sid) => [sid, [LOREM]]));
    expect((await endedAccess()).sort((a, b) => String(a.sid).localeCompare(String(b.sid)))).toEqual(
      sids.map((sid) => ({ actor: 'service', app: FOO, sid })),
    );
    expect(log.info.mock.calls).toEqual([[{ app: FOO, sessions: 2 }, "a removed app's access has ended"]]);
  });

  test('loses all of them, in slices, however many there are', async () => {
    const { removedApps, change, log } = await withRegistry([foo, lorem]);
    for (let count = 0; count < 600; count += 1) await startSession(stores);
    const endAtApp = vi.spyOn(stores.sessions, 'endAtApp');
    await change([lorem]);
    await removedApps.poll();
    expect(log.info).toHaveBeenCalledWith({ app: FOO, sessions: 600 }, expect.anything());
    expect(endAtApp.mock.calls.length).toBeGreaterThan(3);
    expect(await noticesFor(FOO)).toHaveLength(600);
  });

  test('loses a session that a request from before the removal gave it afterwards', async () => {
    const { removedApps, change } = await withRegistry([foo, lorem]);
    const sid = await sessionAtBoth();
    await change([lorem]);
    await removedApps.poll();
    const late = await startSession(stores);
    await removedApps.poll();
    expect(await noticesFor(FOO)).toEqual([sid, late].sort());
  });

  test('is searched for only while a request from before the removal may be in progress', async () => {
    const { removedApps, change } = await withRegistry([foo, lorem]);
    const endAtApp = vi.spyOn(stores.sessions, 'endAtApp');
    await change([lorem]);
    await removedApps.poll();
    expect(endAtApp).toHaveBeenCalledTimes(1);
    const later = performance.now() + 3000;
    vi.spyOn(performance, 'now').mockImplementation(() => later);
    onTestFinished(() => void vi.restoreAllMocks());
    await removedApps.poll();
    expect(endAtApp).toHaveBeenCalledTimes(2);
    await removedApps.poll();
    expect(endAtApp).toHaveBeenCalledTimes(2);
  });

  test('loses its sessions even after a failure of the database', async () => {
    const { removedApps, change } = await withRegistry([foo, lorem]);
    const sid = await sessionAtBoth();
    await change([lorem]);
    vi.spyOn(stores.sessions, 'endAtApp').mockRejectedValueOnce(new HttpProblem('unavailable'));
    await expect(removedApps.poll()).rejects.toThrow(HttpProblem);
    await removedApps.poll();
    expect(await noticesFor(FOO)).toEqual([sid]);
  });

  test('keeps its sessions if it is added again before the next poll', async () => {
    const { removedApps, change } = await withRegistry([foo, lorem]);
    await sessionAtBoth();
    await change([lorem]);
    await change([lorem, foo]);
    await removedApps.poll();
    expect(await noticesFor(FOO)).toEqual([]);
  });

  test('loses sessions that it got when it was added and removed again during the last search', async () => {
    const { removedApps, change } = await withRegistry([foo, lorem]);
    await change([lorem]);
    const later = performance.now() + 3000;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => later);
    onTestFinished(() => clock.mockRestore());
    let sid = '';
    const endAtApp = vi.spyOn(stores.sessions, 'endAtApp').mockImplementationOnce(async () => {
      await change([lorem, foo]);
      sid = await sessionAtBoth();
      await change([lorem]);
      return 0;
    });
    await removedApps.poll();
    expect(endAtApp).toHaveBeenCalledTimes(1);
    await removedApps.poll();
    expect(await noticesFor(FOO)).toEqual([sid]);
  });

  test('keeps its remaining sessions if it is added again between two slices', async () => {
    const { removedApps, change } = await withRegistry([foo, lorem]);
    const sid = await sessionAtBoth();
    await change([lorem]);
    const { endAtApp } = stores.sessions;
    vi.spyOn(stores.sessions, 'endAtApp').mockImplementationOnce(async () => {
      await change([lorem, foo]);
      return 1;
    });
    await removedApps.poll();
    expect(await noticesFor(FOO)).toEqual([]);
    expect(await endAtApp(FOO, OPERATOR), 'its session was still there').toBe(1);
    expect(await noticesFor(FOO)).toEqual([sid]);
  });
});

describe('an app that was removed while no service was running', () => {
  test('loses its sessions at the start [T-SIGNOUT-12]', async () => {
    await stores.registry.record({ instance: 'before', apps: [foo, lorem], loadedAt: 1 }, 1);
    await stores.registry.clear('before');
    const sid = await sessionAtBoth();
    const { removedApps } = await withRegistry([lorem]);
    await removedApps.poll();
    expect(await noticesFor(FOO)).toEqual([sid]);
    expect(await noticesFor(LOREM)).toEqual([]);
  });

  test('loses its sessions when the database can be read again', async () => {
    await stores.registry.record({ instance: 'before', apps: [foo, lorem], loadedAt: 1 }, 1);
    const sid = await sessionAtBoth();
    const { removedApps } = await withRegistry([lorem]);
    vi.spyOn(stores.registry, 'servers').mockRejectedValueOnce(new HttpProblem('unavailable'));
    await expect(removedApps.poll()).rejects.toThrow(HttpProblem);
    await removedApps.poll();
    expect(await noticesFor(FOO)).toEqual([sid]);
  });
});

test('an app that is removed before the stored ones could be read is searched for as long', async () => {
  const { removedApps, change } = await withRegistry([foo, lorem]);
  await stores.registry.record({ instance: 'one', apps: [foo, lorem], loadedAt: 1 }, 1);
  await change([lorem]);
  await removedApps.poll();
  const late = await sessionAtBoth();
  await removedApps.poll();
  expect(await noticesFor(FOO)).toEqual([late]);
});

test('a service that stops leaves the rest to the next start', async () => {
  const { removedApps, change } = await withRegistry([foo, lorem]);
  await sessionAtBoth();
  await change([lorem]);
  removedApps.stop();
  await removedApps.poll();
  expect(await noticesFor(FOO)).toEqual([]);
});
