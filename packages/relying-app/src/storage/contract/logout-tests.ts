import assert from 'node:assert/strict';
import { RETENTION_MS } from '../app-store.ts';
import { NOW, newLogout, newSession, ROUNDS, SECOND_MS, storeTest } from './given.ts';

export const logoutTests = [
  storeTest('a logout ends every app session of its SSO session, and no other', async (given) => {
    const ended = [await given.start(), await given.start()];
    const bystander = await given.start({ sid: 's2' });
    assert.equal(await given.other.sessions.endBySid(newLogout(), NOW), true);
    assert.deepEqual(await given.activeOf([...ended, bystander]), [false, false, true]);
  }),

  storeTest('of parallel logouts with one jti, exactly one has an effect', async (given) => {
    const logouts = await given.inParallel(20, ({ sessions }) =>
      sessions.endBySid(newLogout({ jti: 'j1' }), NOW),
    );
    assert.equal(logouts.filter((hadEffect) => hadEffect).length, 1);
  }),

  storeTest('a jti is accepted once, even for another SSO session and after a restart', async (given) => {
    await given.store.sessions.endBySid(newLogout({ jti: 'j1' }), NOW);
    const bystander = await given.start({ sid: 's2' });
    await given.restart();
    for (const sid of ['s1', 's2']) {
      assert.equal(await given.store.sessions.endBySid(newLogout({ jti: 'j1', sid }), NOW), false);
    }
    assert.equal(await given.isActive(bystander), true);
    assert.equal(await given.store.sessions.endBySid(newLogout({ jti: 'j2', sid: 's2' }), NOW), true);
    assert.equal(await given.isActive(bystander), false);
  }),

  storeTest('after a logout, no token that was not issued later starts a session', async (given) => {
    await given.store.sessions.endBySid(newLogout(), NOW);
    await given.restart();
    for (const tokenIssuedAt of [NOW - SECOND_MS, NOW]) {
      assert.equal(await given.other.sessions.start(newSession({ tokenIssuedAt }), null), false);
    }
  }),

  storeTest('after a logout, a token that was issued later starts a session at once', async (given) => {
    await given.store.sessions.endBySid(newLogout(), NOW);
    const session = newSession({ tokenIssuedAt: NOW + SECOND_MS });
    assert.equal(await given.other.sessions.start(session, null), true);
    assert.equal(await given.isActive(session.tokenHash), true);
  }),

  storeTest('a late logout leaves sessions of later tokens [T-GROUP-05]', async (given) => {
    const before = await given.start({ tokenIssuedAt: NOW });
    const after = await given.start({ tokenIssuedAt: NOW + SECOND_MS });
    const position = await given.store.endedSessions.position();
    const endAt = (issuedAt: number) =>
      given.other.sessions.endBySid(newLogout({ issuedAt }), NOW + 2 * SECOND_MS);
    assert.equal(await endAt(NOW), true);
    assert.deepEqual(await given.activeOf([before, after]), [false, true]);
    assert.deepEqual(await given.readLog(position), [], 'the SSO session has a session left');
    assert.equal(await endAt(NOW + SECOND_MS), true);
    assert.equal(await given.isActive(after), false);
    assert.deepEqual(await given.readLog(position), ['s1']);
  }),

  storeTest(
    'a logout ends sessions whose tokens are from the future: the clock was set back',
    async (given) => {
      const session = await given.start({ tokenIssuedAt: NOW + 2 * SECOND_MS });
      assert.equal(await given.other.sessions.endBySid(newLogout(), NOW + SECOND_MS), true);
      assert.equal(await given.isActive(session), false);
    },
  ),

  storeTest('of several logouts, the one that was issued last counts, in any order', async (given) => {
    for (const issuedAt of [NOW - SECOND_MS, NOW + SECOND_MS, NOW]) {
      await given.store.sessions.endBySid(newLogout({ issuedAt }), NOW);
    }
    const startAt = (tokenIssuedAt: number) =>
      given.store.sessions.start(newSession({ tokenIssuedAt }), null);
    assert.equal(await startAt(NOW + SECOND_MS), false);
    assert.equal(await startAt(NOW + 2 * SECOND_MS), true);
  }),

  storeTest('a refused start changes nothing: the session to replace goes on', async (given) => {
    const position = await given.store.endedSessions.position();
    const replaced = await given.start({ sid: 's2' });
    await given.store.sessions.endBySid(newLogout(), NOW);
    const refused = newSession();
    assert.equal(await given.store.sessions.start(refused, replaced), false);
    assert.deepEqual(await given.activeOf([refused.tokenHash, replaced]), [false, true]);
    assert.deepEqual(await given.readLog(position), []);
    await given.start({ sid: 's2' }, replaced);
    assert.equal(await given.store.sessions.end(refused.tokenHash, 'site', NOW), false);
  }),

  storeTest('a logout leaves no session behind when sessions start at the same time', async (given) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const sid = `s${round}`;
      const replaced = await given.start({ sid });
      const sessions = Array.from({ length: 6 }, () => newSession({ sid }));
      await Promise.all([
        given.inParallel(round % 5, ({ sessions: { start } }, index) =>
          start(sessions[index] ?? newSession(), index === 0 ? replaced : null),
        ),
        given.other.sessions.endBySid(newLogout({ sid }), NOW),
        given.store.sessions.start(sessions[5] ?? newSession(), null),
      ]);
      const hashes = [replaced, ...sessions.map(({ tokenHash }) => tokenHash)];
      assert.deepEqual(await given.activeOf(hashes), Array(7).fill(false), `round ${round}`);
    }
  }),

  storeTest('parallel logouts and replacements between two SSO sessions all succeed', async (given) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const sids = [`s${round}`, `t${round}`] as const;
      const cookies = [await given.start({ sid: sids[0] }), await given.start({ sid: sids[1] })];
      // Each start ends the other's session, so that locks taken in the wrong order would deadlock.
      const results = await given.inParallel(4, ({ sessions }, index) =>
        index < 2
          ? sessions.start(newSession({ sid: sids[index] ?? '' }), cookies[1 - index] ?? null)
          : sessions.endBySid(newLogout({ sid: sids[index - 2] ?? '', issuedAt: NOW - SECOND_MS }), NOW),
      );
      assert.deepEqual(results, [true, true, true, true]);
      assert.deepEqual(await given.activeOf(cookies), [false, false]);
    }
  }),

  storeTest('a logout is remembered for an hour, and then forgotten', async (given) => {
    const logout = newLogout({ jti: 'j1' });
    await given.store.sessions.endBySid(logout, NOW);
    await given.purge(NOW + RETENTION_MS - 1);
    assert.equal(await given.store.sessions.endBySid(logout, NOW), false);
    assert.equal(await given.store.sessions.start(newSession(), null), false);
    await given.purge(NOW + RETENTION_MS);
    assert.equal(await given.store.sessions.start(newSession(), null), true);
    assert.equal(await given.store.sessions.endBySid(logout, NOW + RETENTION_MS), true);
  }),
];
