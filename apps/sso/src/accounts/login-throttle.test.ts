import { statSync } from 'node:fs';
import { sha256 } from '@samesite-sso/core';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { PASSWORD, testService } from '../../../../test/support/sso/test-service.ts';
import { createSsoService } from '../app.ts';
import { clientNetworks } from './client-networks.ts';
import { FAILURE_WINDOW_MS } from './login-throttle.ts';

const RIGHT = { request: 'login', username: 'ada', password: PASSWORD };
const WRONG = { ...RIGHT, password: 'not the password of ada' };
const MINUTE_MS = 60_000;

describe('failed logins', () => {
  test('are throttled after ten for one account from one address', async () => {
    const { post } = await testService();
    for (let attempt = 1; attempt <= 10; attempt += 1) expect((await post(WRONG)).statusCode).toBe(401);
    const answer = await post(WRONG);
    expect(answer.statusCode).toBe(429);
    expect(answer.json()).toMatchObject({ code: 'too-many-attempts', retryAfterSeconds: 900 });
    expect(answer.headers['retry-after']).toBe('900');
  });

  test('block even the right password until they are older than the window', async () => {
    const { post, clock } = await testService();
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      await post(WRONG);
      clock.now += MINUTE_MS;
    }
    expect((await post(RIGHT)).json()).toMatchObject({ code: 'too-many-attempts', retryAfterSeconds: 300 });
    clock.now += 5 * MINUTE_MS;
    expect((await post(RIGHT)).statusCode).toBe(200);
  });

  test('lock out no other address, and no other account at the same address', async () => {
    const { post } = await testService();
    for (let attempt = 1; attempt <= 10; attempt += 1) await post({ ...WRONG, username: 'grace' });
    for (let attempt = 1; attempt <= 10; attempt += 1) await post(WRONG, { ip: '198.51.100.7' });
    expect((await post(RIGHT)).statusCode).toBe(200);
    expect((await post(RIGHT, { ip: '198.51.100.7' })).statusCode).toBe(429);
  });

  test('count together for all spellings of a username, known or unknown [T-GUESS-03]', async () => {
    const { post } = await testService();
    const spellings = [
      'ada',
      'ADA',
      'aDa',
      'ａｄａ',
      ' ada',
      'ada\u00a0',
      '\ufeffada',
      'a\u200bda',
      'ada\t',
      'ad\u00ada',
    ];
    for (const username of spellings) expect((await post({ ...WRONG, username })).statusCode).toBe(401);
    expect((await post(RIGHT)).statusCode).toBe(429);
    for (let attempt = 1; attempt <= 10; attempt += 1) await post({ ...WRONG, username: 'nobody' });
    expect((await post({ ...WRONG, username: 'nobody' })).statusCode).toBe(429);
  });

  test('aren’t counted while throttled, so that the throttle ends', async () => {
    const { post, clock } = await testService();
    for (let attempt = 1; attempt <= 30; attempt += 1) {
      await post(WRONG);
      clock.now += MINUTE_MS / 2;
    }
    expect((await post(RIGHT)).statusCode).toBe(200);
  });

  test('in parallel reveal at most ten results', async () => {
    const { post } = await testService();
    const answers = await Promise.all(Array.from({ length: 30 }, () => post(WRONG)));
    const statuses = answers.map(({ statusCode }) => statusCode);
    // On a slow machine, the queue refuses some of them before the tenth is checked.
    while (statuses.at(-1) !== 429) statuses.push((await post(WRONG)).statusCode);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  });

  test('in parallel block a right password that follows them', async () => {
    const { post } = await testService();
    const bodies = [...Array<object>(12).fill(WRONG), RIGHT];
    const answers = await Promise.all(bodies.map((body) => post(body)));
    // On a slow machine, the queue refuses some of them before the tenth is checked.
    expect([429, 503]).toContain(answers.at(-1)?.statusCode);
  });

  test('still count after a restart', async () => {
    const { app, post, config, clock } = await testService();
    for (let attempt = 1; attempt <= 10; attempt += 1) await post(WRONG);
    await app.close();
    const restarted = await createSsoService(config, () => clock.now);
    const answer = await restarted.inject({
      method: 'POST',
      url: '/',
      headers: { origin: config.apps[0]?.origin ?? '' },
      payload: RIGHT,
      remoteAddress: '192.0.2.1',
    });
    await restarted.close();
    expect(answer.statusCode).toBe(429);
  });
});

test.each([
  ['a /56', 30, (index: number) => `2001:db8:1:${index.toString(16)}::1`, '2001:db8:1:ff::1'],
  ['a /48', 100, (index: number) => `2001:db8:1:${index.toString(16)}00::1`, '2001:db8:1:ffff::1'],
])(
  'failed logins for one account count for %s too, however many /64 networks it has [T-GUESS-05]',
  async (_what, most, from, next) => {
    const { post, stores, clock } = await testService();
    for (let attempt = 1; attempt < most; attempt += 1) {
      const limits = { windowMs: FAILURE_WINDOW_MS, networks: clientNetworks(from(attempt)) };
      const context = { at: clock.now, actor: 'person', address: from(attempt) };
      const failure = { usernameHash: sha256('ada'), accountId: null };
      expect(await stores.loginFailures.add(failure, limits, context)).toBeNull();
    }
    expect((await post(WRONG, { ip: from(most) })).statusCode).toBe(401);
    expect((await post(RIGHT, { ip: next })).json()).toMatchObject({ code: 'too-many-attempts' });
    expect((await post(RIGHT, { ip: '2001:db8:2::1' })).statusCode).toBe(200);
  },
);

describe('a refusal without a password check', () => {
  /** The contents of the database, and the number of writes. */
  const stateOf = (database: string) => {
    const sqlite = new Sqlite(database, { readonly: true });
    const [log, version] = [
      statSync(`${database}-wal`).size,
      sqlite.pragma('data_version', { simple: true }),
    ];
    const count = (table: string) => sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    const rows = [count('audit_record'), count('login_failure'), count('account')];
    sqlite.close();
    return { log, version, rows };
  };

  test.each(['ada', 'nobody'])(
    'writes nothing, whether or not the account exists: %s [T-ENUM-03]',
    async (username) => {
      const { post, config } = await testService();
      for (let attempt = 1; attempt <= 10; attempt += 1) await post({ ...WRONG, username });
      const before = stateOf(config.database);
      for (let attempt = 1; attempt <= 20; attempt += 1) {
        expect((await post({ ...RIGHT, username })).statusCode).toBe(429);
      }
      expect(stateOf(config.database)).toEqual(before);
    },
  );

  test('because the queue is full writes nothing either [T-ENUM-03]', async () => {
    const { post, config } = await testService();
    const usernames = Array.from({ length: 60 }, (_, index) => `nobody ${index}`);
    const answers = await Promise.all(usernames.map((username) => post({ ...WRONG, username })));
    const checked = answers.filter(({ statusCode }) => statusCode === 401).length;
    expect(answers.filter(({ statusCode }) => statusCode === 503)).toHaveLength(60 - checked);
    expect(checked).toBeLessThan(60);
    const failures = new Sqlite(config.database, { readonly: true });
    const count = failures
      .prepare(`SELECT count(*) FROM audit_record WHERE kind LIKE 'login %'`)
      .pluck()
      .get();
    failures.close();
    expect(count).toBe(checked);
  });
});
