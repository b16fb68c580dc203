import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { MAX_BATCH_ROWS, RETENTION_MS } from '../app-store.ts';
import { type Given, LIFETIME_MS, NOW, newLogout, newSession, ROUNDS, storeTest } from './given.ts';

/** A test that expects these entries, in any order, after what it has done. */
function logTest(title: string, work: (given: Given) => Promise<readonly string[]>) {
  return storeTest(title, async (given) => {
    const position = await given.store.endedSessions.position();
    const expected = (await work(given)).toSorted();
    assert.deepEqual((await given.readLog(position)).toSorted(), expected);
    assert.deepEqual((await given.readLog(position, given.other)).toSorted(), expected, 'in every process');
  });
}

export const endedSessionTests = [
  logTest('the log has one entry when the only app session is signed out', async ({ store, start }) => {
    await store.sessions.end(await start(), 'app', NOW);
    return ['s1'];
  }),

  logTest('the log has no entry before the last of several app sessions ends', async (given) => {
    const [first, second] = [await given.start(), await given.start()];
    const position = await given.store.endedSessions.position();
    await given.store.sessions.end(first, 'app', NOW);
    assert.deepEqual(await given.readLog(position), []);
    await given.other.sessions.end(second, 'app', NOW);
    return ['s1'];
  }),

  logTest('the log has one entry for a logout that ends several app sessions', async ({ store, start }) => {
    for (const sid of ['s1', 's1', 's2']) await start({ sid });
    await store.sessions.endBySid(newLogout(), NOW);
    await store.sessions.endBySid(newLogout(), NOW);
    await store.sessions.endBySid(newLogout({ sid: 'unheard of' }), NOW);
    return ['s1'];
  }),

  logTest('the log has one entry for a repeated sign-out from the site', async ({ store, start }) => {
    const [one, two] = [await start(), await start()];
    for (const tokenHash of [one, one, two]) await store.sessions.end(tokenHash, 'site', NOW);
    return ['s1'];
  }),

  logTest('the log has one entry when another SSO session replaces the app session', async ({ start }) => {
    await start({ sid: 's2' }, await start());
    return ['s1'];
  }),

  logTest(
    'the log has no entry when another SSO session replaces one of several app sessions',
    async ({ start }) => {
      const [replaced] = [await start(), await start()];
      await start({ sid: 's2' }, replaced);
      return [];
    },
  ),

  logTest('the log has no entry for a renewal, even of an expired session', async ({ start, purge }) => {
    const renewed = await start({}, await start());
    const startedAt = NOW + LIFETIME_MS;
    await start({ startedAt }, renewed);
    await purge(startedAt);
    return [];
  }),

  logTest('the log has no entry for an unknown hash', async ({ store, start }) => {
    await start();
    await store.sessions.end(randomBytes(32), 'app', NOW);
    await start({ sid: 's2' }, randomBytes(32));
    return [];
  }),

  logTest('the log has one entry when the last app session expires, and none before', async (given) => {
    const position = await given.store.endedSessions.position();
    await given.start();
    await given.start({ startedAt: NOW + 1 });
    await given.purge(NOW + LIFETIME_MS);
    assert.deepEqual(await given.readLog(position), []);
    await given.purge(NOW + LIFETIME_MS + 1);
    return ['s1'];
  }),

  logTest('the log has one entry if one app session has expired and another ends', async (given) => {
    await given.start();
    await given.store.sessions.end(await given.start({ startedAt: NOW + LIFETIME_MS }), 'app', NOW);
    await given.purge(NOW + LIFETIME_MS);
    return ['s1'];
  }),

  logTest('the log has one entry if the last two app sessions end at the same time', async (given) => {
    const sids = Array.from({ length: ROUNDS }, (_, round) => `s${round}`);
    for (const [round, sid] of sids.entries()) {
      const [one, two, expired] = [
        await given.start({ sid }),
        await given.start({ sid }),
        await given.start({ sid, startedAt: NOW - LIFETIME_MS }),
      ];
      await Promise.all([
        given.store.sessions.end(one, 'app', NOW),
        given.other.sessions.end(two, 'app', NOW),
        round % 2 === 0
          ? given.other.sessions.purgeExpired(NOW)
          : given.store.sessions.end(expired, 'app', NOW),
      ]);
      await given.purge(NOW);
    }
    return sids;
  }),

  logTest('the log has no entry if a renewal and the end of another session coincide', async (given) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const sid = `s${round}`;
      const [cookie, another] = [await given.start({ sid }), await given.start({ sid })];
      await Promise.all([
        given.store.sessions.start(newSession({ sid }), cookie),
        given.other.sessions.end(another, 'app', NOW),
      ]);
    }
    return [];
  }),

  logTest('the log has one entry for each expired SSO session if several processes purge', async (given) => {
    const sids = Array.from({ length: 60 }, (_, index) => `s${index}`);
    for (const sid of sids) {
      await given.start({ sid });
      await given.start({ sid, startedAt: NOW + 1 });
    }
    await given.inParallel(6, async ({ sessions }) => {
      while (await sessions.purgeExpired(NOW + LIFETIME_MS + 1));
    });
    await given.purge(NOW + LIFETIME_MS + 1);
    return sids;
  }),

  storeTest('the log is read on from where a reader was, across a restart', async (given) => {
    const end = async (sid: string) => given.store.sessions.end(await given.start({ sid }), 'app', NOW);
    const first = await given.store.endedSessions.position();
    await end('s1');
    const second = await given.other.endedSessions.position();
    assert.deepEqual(await given.readLog(first), ['s1']);
    await given.restart();
    assert.deepEqual(await given.readLog(second), []);
    await end('s2');
    assert.deepEqual(await given.readLog(second), ['s2']);
    assert.deepEqual(await given.readLog(first), ['s1', 's2']);
  }),

  storeTest('the log keeps its entries for an hour, and its positions stay valid', async (given) => {
    const { store, start, readLog, purge } = given;
    const beginning = await store.endedSessions.position();
    await store.sessions.end(await start(), 'app', NOW);
    const seen = await store.endedSessions.position();
    await purge(NOW + RETENTION_MS - 1);
    assert.deepEqual(await readLog(beginning), ['s1']);
    await purge(NOW + RETENTION_MS);
    assert.deepEqual(await readLog(beginning), []);
    await store.sessions.end(await start({ sid: 's2' }), 'app', NOW + RETENTION_MS);
    for (const position of [beginning, seen]) assert.deepEqual(await readLog(position), ['s2']);
  }),

  storeTest('a reader gets each entry exactly once while sessions end in parallel', async (given) => {
    const sids = Array.from({ length: 100 }, (_, index) => `s${index}`);
    for (const sid of sids) await given.start({ sid });
    let position = await given.store.endedSessions.position();
    const read: string[] = [];
    const readOn = async () => {
      const batch = await given.store.endedSessions.readAfter(position);
      position = batch.position;
      read.push(...batch.sids);
      await setImmediate(); // A store that answers at once would never let the others run.
    };
    let isOver = false;
    const endAll = async () => {
      for (let first = 0; first < sids.length; first += 10) {
        await given.inParallel(10, ({ sessions }, index) =>
          sessions.endBySid(newLogout({ sid: sids[first + index] ?? '' }), NOW),
        );
      }
      isOver = true;
    };
    const readAll = async () => {
      while (!isOver) await readOn();
    };
    await Promise.all([endAll(), readAll()]);
    await readOn();
    assert.deepEqual(read.toSorted(), sids.toSorted());
  }),

  storeTest('many sessions that expire at once are ended and read in batches [T-FLOOD-05]', async (given) => {
    const sids = Array.from({ length: MAX_BATCH_ROWS + 50 }, (_, index) => `s${index}`);
    for (let first = 0; first < sids.length; first += 10) {
      await given.inParallel(10, ({ sessions }, index) =>
        sessions.start(newSession({ sid: sids[first + index] ?? '' }), null),
      );
    }
    const position = await given.store.endedSessions.position();
    assert.ok((await given.purge(NOW + LIFETIME_MS)) > 1, 'a call works on a limited number of rows');
    const { sids: batch } = await given.store.endedSessions.readAfter(position);
    assert.ok(batch.length > 0 && batch.length <= MAX_BATCH_ROWS);
    assert.deepEqual((await given.readLog(position)).toSorted(), sids.toSorted());
  }),
];
