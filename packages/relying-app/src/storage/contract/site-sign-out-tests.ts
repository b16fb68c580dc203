import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { CLAIM_MS, RETENTION_MS } from '../app-store.ts';
import { type Given, HOUR_MS, NOW, newSession, ROUNDS, SECOND_MS, storeTest } from './given.ts';

const SSO_ENDS_AT = NOW + 12 * HOUR_MS;

/** Records sign-outs from the whole site. @returns their `sid`s, in order */
async function signOut({ store, start }: Given, count: number): Promise<string[]> {
  const sids = Array.from({ length: count }, (_, index) => `s${index}`);
  for (const sid of sids) await store.sessions.end(await start({ sid }), 'site', NOW);
  return sids;
}

export const siteSignOutTests = [
  storeTest(
    'a sign-out from the site ends every app session of the SSO session, and no other',
    async (given) => {
      const [one, two, other] = [await given.start(), await given.start(), await given.start({ sid: 's2' })];
      assert.equal(await given.store.sessions.end(one, 'site', NOW), true);
      assert.deepEqual(await given.activeOf([one, two, other]), [false, false, true]);
      assert.deepEqual(await Promise.all(['s1', 's2'].map((sid) => given.other.signOuts.has(sid))), [
        true,
        false,
      ]);
    },
  ),

  storeTest('after a sign-out from the site, no token of the SSO session starts a session', async (given) => {
    await given.store.sessions.end(await given.start(), 'site', NOW);
    await given.restart();
    for (const tokenIssuedAt of [NOW, NOW + HOUR_MS]) {
      assert.equal(await given.other.sessions.start(newSession({ tokenIssuedAt }), null), false);
    }
    await given.start({ sid: 's2' });
  }),

  storeTest(
    'ending one session alone is not recorded as a sign-out from the site',
    async ({ store, start }) => {
      await store.sessions.end(await start(), 'app', NOW);
      assert.deepEqual([await store.signOuts.has('s1'), await store.signOuts.isPending(NOW)], [false, false]);
      await start();
    },
  ),

  storeTest(
    'a sign-out from the site does nothing for an unknown hash',
    async ({ store, start, isActive }) => {
      const tokenHash = await start();
      assert.equal(await store.sessions.end(randomBytes(32), 'site', NOW), false);
      assert.deepEqual([await isActive(tokenHash), await store.signOuts.isPending(NOW)], [true, false]);
    },
  ),

  storeTest(
    'for an hour, a sign-out with a cookie that was replaced ends the renewed session [T-SIGNOUT-05]',
    async (given) => {
      for (const [sid, purgedAt, isAccepted] of [
        ['s1', NOW + RETENTION_MS - 1, true],
        ['s2', NOW + RETENTION_MS, false],
      ] as const) {
        const endsAt = NOW + 10 * HOUR_MS;
        const replaced = await given.start({ sid, endsAt });
        const renewed = await given.start({ sid, endsAt }, replaced);
        assert.equal(await given.store.sessions.end(replaced, 'app', NOW), false, 'it ends that one alone');
        await given.purge(purgedAt);
        assert.equal(await given.other.sessions.end(replaced, 'site', NOW), isAccepted);
        assert.equal(await given.isActive(renewed), !isAccepted);
      }
    },
  ),

  storeTest(
    'a sign-out from the site leaves no session when a renewal happens at the same time',
    async (given) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const sid = `s${round}`;
        const cookie = await given.start({ sid });
        const [renewed, second] = [newSession({ sid }), newSession({ sid })];
        const calls = [
          () => given.store.sessions.start(renewed, cookie),
          () => given.other.sessions.end(cookie, 'site', NOW),
          () => given.store.sessions.start(second, null),
        ];
        const ordered = round % 2 === 0 ? calls : calls.toReversed();
        await Promise.all(ordered.map((call) => call()));
        const hashes = [cookie, renewed.tokenHash, second.tokenHash];
        assert.deepEqual(await given.activeOf(hashes), [false, false, false], `round ${round}`);
        assert.equal(await given.store.signOuts.has(sid), true);
      }
    },
  ),

  storeTest('a sign-out is remembered for an hour beyond the end of its SSO session', async (given) => {
    await given.store.sessions.end(await given.start(), 'site', NOW);
    await given.purge(SSO_ENDS_AT + RETENTION_MS - 1);
    assert.equal(await given.store.sessions.start(newSession(), null), false);
    await given.purge(SSO_ENDS_AT + RETENTION_MS);
    assert.equal(await given.store.signOuts.has('s1'), false);
  }),

  storeTest(
    'a recorded sign-out is pending once, until it is delivered or its SSO session is over',
    async (given) => {
      const hashes = [await given.start(), await given.start()];
      await given.inParallel(4, ({ sessions }, index) =>
        sessions.end(hashes[index % 2] ?? randomBytes(32), 'site', NOW),
      );
      const { signOuts } = given.other;
      assert.equal(await signOuts.isPending(SSO_ENDS_AT - 1), true);
      assert.equal(await signOuts.isPending(SSO_ENDS_AT), false);
      assert.deepEqual(await signOuts.claim(10, SSO_ENDS_AT), []);
      assert.deepEqual(await signOuts.claim(10, NOW), ['s1']);
      assert.equal(await given.store.signOuts.isPending(NOW), true, 'it is claimed, and undelivered');
      await signOuts.settle(['s1'], [], NOW);
      assert.equal(await given.store.signOuts.isPending(NOW), false);
      assert.deepEqual(await given.store.signOuts.claim(10, NOW + CLAIM_MS), []);
      assert.equal(await given.store.signOuts.has('s1'), true, 'a delivered one still refuses tokens');
    },
  ),

  storeTest('parallel claims return each sign-out once, and no more than the limit', async (given) => {
    const sids = await signOut(given, 40);
    const claims = await given.inParallel(8, ({ signOuts }) => signOuts.claim(6, NOW));
    for (const claimed of claims) assert.ok(claimed.length <= 6);
    const rest = await given.store.signOuts.claim(40, NOW);
    assert.deepEqual([...claims.flat(), ...rest].toSorted(), sids.toSorted());
    await given.restart();
    assert.deepEqual(await given.store.signOuts.claim(40, NOW + CLAIM_MS - 1), []);
  }),

  storeTest('a claim that is not settled ends by itself', async (given) => {
    const sids = await signOut(given, 2);
    await given.store.signOuts.claim(2, NOW);
    assert.deepEqual(await given.other.signOuts.claim(2, NOW + CLAIM_MS - 1), []);
    assert.deepEqual((await given.other.signOuts.claim(2, NOW + CLAIM_MS)).toSorted(), sids);
  }),

  storeTest(
    'a claim holds for a process whose clock is behind, and not if the clock was set back',
    async (given) => {
      const sids = await signOut(given, 1);
      await given.store.signOuts.claim(1, NOW);
      assert.deepEqual(await given.other.signOuts.claim(1, NOW - 2 * SECOND_MS), []);
      assert.deepEqual(await given.other.signOuts.claim(1, NOW - HOUR_MS), sids);
    },
  ),

  storeTest(
    'a failed delivery can be claimed again at once, after those that were not tried yet',
    async (given) => {
      const sids = await signOut(given, 3);
      const [first] = await given.store.signOuts.claim(1, NOW);
      assert.ok(first !== undefined);
      await given.store.signOuts.settle([], [first], NOW);
      const order = [];
      for (let claim = 0; claim < 3; claim += 1) order.push(...(await given.other.signOuts.claim(1, NOW)));
      assert.deepEqual(order.toSorted(), sids);
      assert.equal(order.at(-1), first);
    },
  ),

  storeTest('settling marks some as delivered and releases others, and leaves the rest', async (given) => {
    await signOut(given, 3);
    await given.store.signOuts.claim(3, NOW);
    await given.store.signOuts.settle(['s0'], ['s1'], NOW);
    assert.deepEqual(await given.other.signOuts.claim(3, NOW), ['s1']);
    await given.store.signOuts.settle([], [], NOW);
    assert.deepEqual((await given.other.signOuts.claim(3, NOW + CLAIM_MS)).toSorted(), ['s1', 's2']);
  }),
];
