/** What waits for what when an account leaves a group while instances issue tokens and review it. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  ADA,
  CONTEXT,
  FOO,
  givenStores,
  IDLE_SINCE,
  NOW,
  newToken,
  SECOND_FACTOR_REQUIRED,
} from '../contract/given.ts';
import { otherInstance } from './other-instance.fixture.ts';
import { postgresBackend } from './test-backend.fixture.ts';

const backend = postgresBackend();
const given = givenStores(backend);
const { startSession, issueToken, noticesFor } = given;

const REQUIRED = new Map([[FOO, ['staff']]]);
const FOR_STAFF = { groups: ['staff'], secondFactor: false };

beforeEach(async () => {
  await given.stores.accounts.add([ACCOUNT], CONTEXT);
  await given.stores.groups.add('staff', [ADA.id], CONTEXT);
});

const leave = () => given.stores.groups.remove('staff', [ADA.id], CONTEXT);
const review = () => given.others.groups.review(ADA.id, REQUIRED, CONTEXT);
const lockMembership = (name: string) =>
  `SELECT FROM account_group WHERE account_id = '${ADA.id}' AND name = '${name}' FOR KEY SHARE`;

describe('an account that leaves its last group of an app', () => {
  test('while another instance issues a token, loses the app of that token [T-GROUP-02]', async () => {
    const { sid } = await startSession();
    const other = await otherInstance(backend.url());
    await other.run(`SELECT FROM sso_session WHERE sid = '${sid}' FOR KEY SHARE`);
    await other.run(lockMembership('staff'));
    await other.run(`INSERT INTO session_app (sid, app, last_issued_at) VALUES ('${sid}', '${FOO}', ${NOW})`);
    expect(await other.endDuring('COMMIT', leave)).toEqual([ADA.id]);
    expect(await review()).toBe(1);
    expect(await noticesFor(FOO)).toMatchObject([{ sid }]);
  });

  test('gets no token from an instance that asks while it leaves [T-GROUP-02]', async () => {
    const { sid } = await startSession();
    const other = await otherInstance(backend.url());
    await other.run(`DELETE FROM account_group WHERE account_id = '${ADA.id}'`);
    const issue = () => given.stores.tokens.issue(newToken(sid), FOR_STAFF, CONTEXT);
    expect(await other.endDuring('COMMIT', issue)).toBe('not permitted');
  });

  test('while an earlier review is still to be done, is reviewed afterwards [T-GROUP-02]', async () => {
    const { sid } = await startSession();
    await issueToken(sid);
    await given.stores.groups.add('admins', [ADA.id], CONTEXT);
    await given.stores.groups.remove('admins', [ADA.id], CONTEXT);
    expect(await given.stores.groups.findUnreviewed(10)).toEqual([ADA.id]);
    // The instance that removes the account waits for one that issues a token. Meanwhile a third one reviews.
    const issuing = await otherInstance(backend.url());
    await issuing.run(lockMembership('staff'));
    let reviewing = Promise.resolve(0);
    await issuing.endDuring('COMMIT', leave, async () => {
      reviewing = review();
      await issuing.untilWaiting(2);
    });
    const ended =
      (await reviewing) + ((await given.stores.groups.findUnreviewed(1)).length > 0 ? await review() : 0);
    expect(ended).toBe(1);
    expect(await noticesFor(FOO)).toMatchObject([{ sid }]);
  });

  test('is reviewed again if it leaves during a review', async () => {
    await leave();
    await given.stores.groups.add('staff', [ADA.id], CONTEXT);
    const reviewing = await otherInstance(backend.url());
    await reviewing.run(`DELETE FROM access_review WHERE account_id = '${ADA.id}'`);
    expect(await reviewing.endDuring('COMMIT', leave)).toEqual([ADA.id]);
    expect(await given.stores.groups.findUnreviewed(10)).toEqual([ADA.id]);
  });
});

test('a token that waits for the end of an access is issued in a later second [T-GROUP-05]', async () => {
  const { sid } = await startSession();
  const other = await otherInstance(backend.url());
  await other.run(`SELECT FROM sso_session WHERE sid = '${sid}' FOR UPDATE`);
  await other.run(`UPDATE sso_session SET lost_token_at = ${NOW}`);
  const issue = () => given.stores.tokens.issue(newToken(sid), FOR_STAFF, CONTEXT);
  expect(await other.endDuring('COMMIT', issue)).toEqual({ issuableAt: NOW + 1000 });
});

test('a session that an instance gives a second factor while it is searched keeps its app', async () => {
  const { sid } = await startSession();
  await issueToken(sid);
  const other = await otherInstance(backend.url());
  await other.run(`UPDATE sso_session SET amr = 'pwd otp mfa' WHERE sid = '${sid}'`);
  const end = async () => {
    let count = 0;
    const excluded = given.stores.sessions.endExcluded(FOO, SECOND_FACTOR_REQUIRED, CONTEXT);
    for await (const ended of excluded) count += ended;
    return count;
  };
  expect(await other.endDuring('COMMIT', end)).toBe(0);
  expect(await noticesFor(FOO)).toEqual([]);
});

describe('instances don’t deadlock when sessions', () => {
  const toLock = (sid: string) => `SELECT FROM sso_session WHERE sid = '${sid}' FOR UPDATE NOWAIT`;

  test.each<[string, () => Promise<number>]>([
    ['are reviewed', () => given.stores.groups.review(ADA.id, new Map([[FOO, ['admins']]]), CONTEXT)],
    [
      'no longer meet what an app requires',
      async () => {
        let count = 0;
        const required = { groups: ['admins'], secondFactor: false };
        for await (const ended of given.stores.sessions.endExcluded(FOO, required, CONTEXT)) count += ended;
        return count;
      },
    ],
  ])('%s', async (_name, work) => {
    for (const sid of ['b', 'a']) {
      await startSession({ sid });
      await issueToken(sid);
    }
    const other = await otherInstance(backend.url());
    await other.run(toLock('a'));
    expect(await other.endDuring('COMMIT', work, () => other.run(toLock('b')))).toBe(2);
    expect(await noticesFor(FOO)).toHaveLength(2);
  });
});

test('instances don’t deadlock when they issue a token, review, and remove from a group', async () => {
  const { sid } = await startSession();
  await issueToken(sid);
  await given.stores.groups.add('admins', [ADA.id], CONTEXT);
  await given.stores.groups.remove('admins', [ADA.id], CONTEXT);
  const issuing = await otherInstance(backend.url());
  await issuing.run(`SELECT FROM sso_session WHERE sid = '${sid}' FOR KEY SHARE`);
  let leaving: Promise<string[]> = Promise.resolve([]);
  await issuing.endDuring('COMMIT', review, async () => {
    leaving = leave();
    await issuing.untilWaiting(2);
    await issuing.run(`${lockMembership('staff')} NOWAIT`);
  });
  expect(await leaving).toEqual([ADA.id]);
  expect(await given.stores.groups.findUnreviewed(10)).toEqual([ADA.id]);
});

test('instances don’t deadlock when they change a group of the same accounts', async () => {
  const accounts = ['b', 'a'].map((name) => ({ ...ACCOUNT, id: name, username: name, usernameKey: name }));
  await given.stores.accounts.add(accounts, CONTEXT);
  for (const change of ['add', 'remove'] as const) {
    const other = await otherInstance(backend.url());
    const toLock = (id: string) =>
      change === 'add'
        ? `SELECT FROM account WHERE id = '${id}' FOR UPDATE NOWAIT`
        : `SET LOCAL lock_timeout = 100; INSERT INTO access_review VALUES ('${id}')`;
    await other.run(toLock('a'));
    const work = () => given.stores.groups[change]('staff', ['b', 'a'], { ...CONTEXT, at: IDLE_SINCE });
    const changed = await other.endDuring('COMMIT', work, () => other.run(toLock('b')));
    expect(changed.toSorted()).toEqual(['a', 'b']);
  }
});

test('a move to another group waits for the removal of the account, and neither fails', async () => {
  const removing = await otherInstance(backend.url());
  await removing.run('SELECT FROM account WHERE id = $1 FOR UPDATE', [ADA.id]);
  const move = () => given.stores.groups.move([ADA.id], { left: ['staff'], joined: ['admins'] }, CONTEXT);
  const remove = () => removing.run('DELETE FROM account WHERE id = $1', [ADA.id]);
  expect(await removing.endDuring('COMMIT', move, remove)).toBeUndefined();
  expect(await given.stores.groups.of(ADA.id)).toEqual([]);
});
