/** What `SessionStore` guarantees while a session lives. How it ends: `session-endings.ts`. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { ACT, ADA, FOO, type Given, GRACE, LOREM, NOW } from './given.ts';

export function sessionContract(given: Given): void {
  const { newSession, startSession, issueToken, noticesFor, told } = given;

  test('find a session by its secret’s hash or its public name, with its account', async () => {
    const { sid, secretHash, endsAt } = await startSession();
    const session = { sid, account: ADA, lastSeenAt: NOW, endsAt };
    expect(await given.stores.sessions.find(secretHash)).toEqual(session);
    expect(await given.stores.sessions.findBySid(sid)).toEqual(session);
    expect(await given.stores.sessions.find(randomBytes(32))).toBeNull();
  });

  test('list the sessions of one account, the last seen first, each with its apps', async () => {
    const [first, second] = [await startSession(), await startSession()];
    for (const app of [LOREM, FOO, LOREM]) await issueToken(first.sid, app);
    await given.stores.sessions.touch(first.sid, NOW + 5);
    const listed = await given.stores.sessions.list(ADA.id);
    expect(listed.map(({ sid }) => sid)).toEqual([first.sid, second.sid]);
    expect(listed[0]).toEqual({
      sid: first.sid,
      account: ADA,
      startedAt: NOW,
      lastSeenAt: NOW + 5,
      endsAt: NOW + 10_000,
      address: '192.0.2.1',
      userAgent: 'Browser/1.0',
      apps: [LOREM, FOO],
    });
    expect(await given.stores.sessions.list(GRACE.id)).toEqual([]);
    expect(await given.stores.sessions.list()).toHaveLength(2);
  });

  test('end the session that a new one replaces, and no other', async () => {
    const old = await startSession();
    const bystander = await startSession();
    await issueToken(old.sid);
    const fresh = await startSession({ replaced: old.secretHash });
    expect(await given.stores.sessions.find(old.secretHash)).toBeNull();
    expect(await given.stores.sessions.find(bystander.secretHash)).not.toBeNull();
    expect(await given.stores.sessions.find(fresh.secretHash)).not.toBeNull();
    expect(await noticesFor(FOO)).toMatchObject([{ sid: old.sid }]);
  });

  test('are a thousand of one account at most: beyond them those end that were not seen for longest', async () => {
    const [used, ...others] = [await startSession(), await startSession(), await startSession()];
    await given.stores.sessions.touch(used?.sid ?? '', NOW + 5);
    for (const { sid } of others) await issueToken(sid);
    for (let count = 4; count <= 1002; count += 1) {
      const { sid } = await startSession();
      await given.stores.sessions.touch(sid, NOW + 1);
    }
    const [sids, isNoted] = [
      (await given.stores.sessions.list(ADA.id)).map(({ sid }) => sid),
      (await noticesFor(FOO)).map(({ sid }) => sid),
    ];
    expect(sids).toHaveLength(1000);
    expect(sids).toContain(used?.sid);
    for (const { sid } of others) expect([sids.includes(sid), isNoted.includes(sid)]).toEqual([false, true]);
    const last = await startSession({ accountId: ADA.id });
    expect(await given.stores.sessions.find(last.secretHash)).not.toBeNull();
  });

  test.each([
    ['nobody’s', { accountId: 'nobody' }, async () => {}],
    ['of a disabled account', {}, async () => void (await given.stores.accounts.disable(ADA.id, ACT))],
    [
      'by a password that was changed meanwhile',
      {},
      async () => void (await given.stores.accounts.setPassword(ADA.id, 'new', {}, ACT)),
    ],
  ])('start no session that is %s', async (_name, settings, change) => {
    await startSession();
    await change();
    const before = await given.stores.sessions.list();
    expect(await given.stores.sessions.start(newSession(settings), null, ACT)).toBe(false);
    expect(await given.stores.sessions.list()).toEqual(before);
    expect(await told('login succeeded')).toHaveLength(1);
    expect(await told('login failed')).toEqual(['the account changed meanwhile']);
  });

  test('keep the replaced session when the new one cannot be started', async () => {
    const old = await startSession();
    await expect(
      given.stores.sessions.start(newSession({ sid: old.sid }), old.secretHash, ACT),
    ).rejects.toThrow();
    expect(await given.stores.sessions.find(old.secretHash)).not.toBeNull();
    expect(await told('login succeeded')).toHaveLength(1);
  });

  test('note the latest use, even if it is told late', async () => {
    const { sid, secretHash } = await startSession();
    await given.stores.sessions.touch(sid, NOW + 500);
    await given.stores.sessions.touch(sid, NOW + 200);
    expect((await given.stores.sessions.find(secretHash))?.lastSeenAt).toBe(NOW + 500);
  });
}
