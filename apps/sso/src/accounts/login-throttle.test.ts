import { describe, expect, test } from 'vitest';
import { PASSWORD, testService } from '../../test/test-service.ts';
import { buildApp } from '../app.ts';
import { networkOf } from './login-throttle.ts';

const RIGHT = { request: 'login', username: 'ada', password: PASSWORD };
const WRONG = { ...RIGHT, password: 'not the password of ada' };
const MINUTES = 60_000;

describe('failed logins', () => {
  test('are answered ten times for one account from one address, and then throttled', async () => {
    const { post } = await testService();
    for (let attempt = 1; attempt <= 10; attempt += 1) expect((await post(WRONG)).statusCode).toBe(401);
    const answer = await post(WRONG);
    expect(answer.statusCode).toBe(429);
    expect(answer.json()).toMatchObject({ code: 'too-many-attempts', retryAfterSeconds: 900 });
    expect(answer.headers['retry-after']).toBe('900');
  });

  test('make a right password count for nothing, until they have aged', async () => {
    const { post, clock } = await testService();
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      await post(WRONG);
      clock.now += MINUTES;
    }
    expect((await post(RIGHT)).json()).toMatchObject({ code: 'too-many-attempts', retryAfterSeconds: 300 });
    clock.now += 5 * MINUTES;
    expect((await post(RIGHT)).statusCode).toBe(200);
  });

  test('lock nobody out at another address, nor another account at the same one', async () => {
    const { post } = await testService();
    for (let attempt = 1; attempt <= 10; attempt += 1) await post({ ...WRONG, username: 'grace' });
    for (let attempt = 1; attempt <= 10; attempt += 1) await post(WRONG, { ip: '198.51.100.7' });
    expect((await post(RIGHT)).statusCode).toBe(200);
    expect((await post(RIGHT, { ip: '198.51.100.7' })).statusCode).toBe(429);
  });

  test('count for the account however its name is spelled, and for accounts that do not exist', async () => {
    const { post } = await testService();
    const spellings = ['ada', 'ADA', 'Ada', 'aDa', 'ａｄａ'];
    for (const username of [...spellings, ...spellings]) await post({ ...WRONG, username });
    expect((await post(RIGHT)).statusCode).toBe(429);
    for (let attempt = 1; attempt <= 10; attempt += 1) await post({ ...WRONG, username: 'nobody' });
    expect((await post({ ...WRONG, username: 'nobody' })).statusCode).toBe(429);
  });

  test('that are throttled are not counted again, so that the wait ends', async () => {
    const { post, clock } = await testService();
    for (let attempt = 1; attempt <= 30; attempt += 1) {
      await post(WRONG);
      clock.now += MINUTES / 2;
    }
    expect((await post(RIGHT)).statusCode).toBe(200);
  });

  test('sent all at once learn no more than ten answers', async () => {
    const { post } = await testService();
    const answers = await Promise.all(Array.from({ length: 30 }, () => post(WRONG)));
    const statuses = answers.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  });

  test('sent all at once make the right one behind them count for nothing', async () => {
    const { post } = await testService();
    const bodies = [...Array<object>(12).fill(WRONG), RIGHT];
    const answers = await Promise.all(bodies.map((body) => post(body)));
    expect(answers.at(-1)?.statusCode).toBe(429);
  });

  test('are remembered across a restart', async () => {
    const { app, post, config, clock } = await testService();
    for (let attempt = 1; attempt <= 10; attempt += 1) await post(WRONG);
    await app.close();
    const restarted = await buildApp(config, () => clock.now);
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
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::99', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('the client at %s is %s to the throttle', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
