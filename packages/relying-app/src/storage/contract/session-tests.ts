import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { AuthenticationMethods } from '@samesite-sso/protocol';
import { MAX_SESSIONS_PER_SID } from '../app-store.ts';
import {
  ACCOUNT,
  type Given,
  LIFETIME_MS,
  NOW,
  newLogout,
  newSession,
  SECOND_MS,
  SIGN_IN,
  storeTest,
} from './given.ts';

/** Starts that run at the same time share the store's connections. */
const PARALLEL_STARTS = 10;

/** What another process reads of a session's sign-in; null if there is no such session. */
async function readSignIn({ other }: Given, tokenHash: Buffer) {
  const session = await other.sessions.find(tokenHash, NOW);
  if (session === null) return null;
  const { authenticatedAt, amr, groups } = session;
  return { authenticatedAt, amr, groups };
}

export const sessionTests = [
  storeTest('a session is found by its hash, with its account and times, in every process', async (given) => {
    const { tokenHash, sid, startedAt, endsAt, ...session } = newSession();
    assert.equal(
      await given.store.sessions.start({ tokenHash, sid, startedAt, endsAt, ...session }, null),
      true,
    );
    for (const { sessions } of [given.store, given.other]) {
      const found = { account: ACCOUNT, sid, startedAt, endsAt, ...SIGN_IN };
      assert.deepEqual(await sessions.find(tokenHash, NOW), found);
    }
  }),

  storeTest('a session keeps when and how its person signed in, and their groups', async (given) => {
    const signIns: [AuthenticationMethods, string[]][] = [
      [['pwd'], []],
      [
        ['pwd', 'otp', 'mfa'],
        ['staff', 'a.group_with-63.characters'.padEnd(63, 'x')],
      ],
      [['pop', 'user', 'mfa'], Array.from({ length: 200 }, (_, index) => `group-${index}`)],
    ];
    for (const [index, [amr, groups]] of signIns.entries()) {
      const signIn = { authenticatedAt: NOW - index, amr, groups };
      const tokenHash = await given.start(signIn);
      await given.restart();
      assert.deepEqual(await readSignIn(given, tokenHash), signIn);
    }
  }),

  storeTest('a renewal replaces what the session says of the sign-in [T-STEPUP-02]', async (given) => {
    const position = await given.store.endedSessions.position();
    const replaced = await given.start();
    const bystander = await given.start();
    const signIn = { authenticatedAt: NOW, amr: ['pop', 'user', 'mfa'], groups: ['staff'] } as const;
    const renewed = await given.start({ ...signIn, amr: [...signIn.amr], groups: ['staff'] }, replaced);
    assert.deepEqual(await readSignIn(given, renewed), signIn);
    assert.equal(await readSignIn(given, replaced), null, 'the old cookie gains nothing');
    assert.deepEqual(await readSignIn(given, bystander), SIGN_IN);
    assert.deepEqual(await given.readLog(position), [], 'no SSO session has ended');
  }),

  storeTest('a refused renewal leaves the session as it was [T-STEPUP-02]', async (given) => {
    const replaced = await given.start({ sid: 's2' });
    await given.store.sessions.endBySid(newLogout({ issuedAt: NOW + SECOND_MS }), NOW);
    const refused = newSession({ amr: ['pwd', 'otp', 'mfa'] });
    assert.equal(await given.store.sessions.start(refused, replaced), false);
    assert.deepEqual((await given.other.sessions.find(replaced, NOW))?.amr, ['pwd']);
    assert.equal(await given.isActive(refused.tokenHash), false);
  }),

  storeTest('no session is found by another hash', async ({ start, isActive }) => {
    const tokenHash = await start();
    const other = Buffer.from(tokenHash);
    other[31] = (other[31] ?? 0) ^ 1;
    for (const hash of [randomBytes(32), other, tokenHash.subarray(0, 31), Buffer.alloc(0)]) {
      assert.equal(await isActive(hash), false);
    }
  }),

  storeTest('a session ends exactly at the millisecond of its end', async ({ start, isActive }) => {
    const tokenHash = await start();
    assert.equal(await isActive(tokenHash, NOW + LIFETIME_MS - 1), true);
    assert.equal(await isActive(tokenHash, NOW + LIFETIME_MS), false);
  }),

  storeTest('use does not extend a session', async ({ start, isActive }) => {
    const tokenHash = await start();
    for (let use = 1; use < 10; use += 1) await isActive(tokenHash, NOW + (use * LIFETIME_MS) / 10);
    assert.equal(await isActive(tokenHash, NOW + LIFETIME_MS), false);
  }),

  storeTest('a session and the end of another survive a restart', async (given) => {
    const [active, ended] = [await given.start(), await given.start()];
    await given.store.sessions.end(ended, 'app', NOW);
    await given.restart();
    assert.deepEqual(await given.activeOf([active, ended]), [true, false]);
  }),

  storeTest('a new session ends the one it replaces, and no other', async ({ start, activeOf }) => {
    const [first, bystander, stranger] = [await start(), await start(), await start({ sid: 's2' })];
    const second = await start({}, first);
    assert.deepEqual(await activeOf([first, second, bystander, stranger]), [false, true, true, true]);
  }),

  storeTest('a new session also starts if the one to replace does not exist', async ({ start, isActive }) => {
    assert.equal(await isActive(await start({}, randomBytes(32))), true);
  }),

  storeTest('parallel renewals with one cookie all succeed and end its session', async (given) => {
    const replaced = await given.start();
    const renewed = await given.inParallel(PARALLEL_STARTS, async ({ sessions }) => {
      const session = newSession();
      assert.equal(await sessions.start(session, replaced), true);
      return session.tokenHash;
    });
    assert.equal(await given.isActive(replaced), false);
    assert.deepEqual(await given.activeOf(renewed), Array(PARALLEL_STARTS).fill(true));
  }),

  storeTest('ending a session ends no other one, and says whether there was one', async (given) => {
    const [one, bystander] = [await given.start(), await given.start()];
    const ends = await given.inParallel(4, ({ sessions }) => sessions.end(one, 'app', NOW));
    assert.deepEqual(ends.toSorted(), [false, false, false, true]);
    assert.equal(await given.other.sessions.end(randomBytes(32), 'app', NOW), false);
    assert.deepEqual(await given.activeOf([one, bystander]), [false, true]);
  }),

  storeTest(
    `an SSO session keeps its newest ${MAX_SESSIONS_PER_SID} app sessions, and the others end [T-FLOOD-02]`,
    async (given) => {
      const other = await given.start({ sid: 's2' });
      const [first, second, third] = [await given.start(), await given.start(), await given.start()];
      for (let count = 3; count < MAX_SESSIONS_PER_SID; count += PARALLEL_STARTS) {
        const left = Math.min(PARALLEL_STARTS, MAX_SESSIONS_PER_SID - count);
        await given.inParallel(left, ({ sessions }) => sessions.start(newSession(), null));
      }
      assert.equal(await given.isActive(first), true, 'the limit is not exceeded yet');
      await given.start({}, second); // A renewal adds none.
      assert.deepEqual(await given.activeOf([first, second, third]), [true, false, true]);
      await given.start();
      assert.deepEqual(await given.activeOf([first, third, other]), [false, true, true]);
    },
  ),

  storeTest(
    'a purge ends a session once it has expired, and not before',
    async ({ start, purge, isActive }) => {
      const tokenHash = await start();
      await purge(NOW + LIFETIME_MS - 1);
      assert.equal(await isActive(tokenHash), true);
      await purge(NOW + LIFETIME_MS);
      assert.equal(
        await isActive(tokenHash),
        false,
        'it is gone, so it is not found by an earlier clock either',
      );
    },
  ),

  storeTest('a purge says whether it changed anything', async ({ store, other, start }) => {
    await start();
    assert.equal(await store.sessions.purgeExpired(NOW), false);
    assert.equal(await store.sessions.purgeExpired(NOW + LIFETIME_MS), true);
    assert.equal(await other.sessions.purgeExpired(NOW + LIFETIME_MS), false);
  }),

  storeTest('texts are stored and compared code point by code point', async ({ store, start }) => {
    const sids = [
      's',
      'S',
      's ',
      ' s',
      'é',
      'e\u0301',
      'ß',
      'ss',
      '\u{1f600}'.repeat(64),
      "'; --",
      '%',
      's\n',
    ];
    const hashes = [];
    for (const sid of sids) {
      const account = { id: sid, username: `${sid}@`, displayName: '\u{1f600}'.repeat(128) };
      hashes.push(await start({ sid, account }));
    }
    for (const [index, sid] of sids.entries()) {
      const account = { id: sid, username: `${sid}@`, displayName: '\u{1f600}'.repeat(128) };
      const found = await store.sessions.find(hashes[index] ?? randomBytes(32), NOW);
      assert.deepEqual(found, { account, sid, startedAt: NOW, endsAt: NOW + LIFETIME_MS, ...SIGN_IN });
    }
    await store.sessions.end(hashes[0] ?? randomBytes(32), 'site', NOW);
    assert.deepEqual(await Promise.all(sids.map((sid) => store.signOuts.has(sid))), [
      true,
      ...Array(sids.length - 1).fill(false),
    ]);
  }),

  storeTest('a store that is open is ready', async ({ store, other }) => {
    assert.deepEqual([await store.isReady(), await other.isReady()], [true, true]);
  }),
];
