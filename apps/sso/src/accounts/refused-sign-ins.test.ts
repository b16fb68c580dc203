import { HttpProblem } from '@samesite-sso/core';
import { expect, test } from 'vitest';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { testService } from '../../../../test/support/sso/test-service.ts';
import { RefusedSignIns } from './refused-sign-ins.ts';

const THROTTLED = new HttpProblem('too-many-attempts');
const OVERLOADED = new HttpProblem('overloaded');

async function counter() {
  const { stores } = await testService();
  const refused = new RefusedSignIns(stores.audit, () => 1000);
  const records = async () =>
    (await allRows(stores.audit.pages({ limit: 100 })))
      .filter(({ kind }) => kind === 'login throttled' || kind === 'login overloaded')
      .map(({ kind, address, detail, accountId, at }) => [kind, address, detail, accountId, at]);
  return { stores, refused, records };
}

test('refused sign-ins are recorded once per network and reason, with a count and no account', async () => {
  const { refused, records } = await counter();
  for (let time = 1; time <= 3; time += 1) refused.count(THROTTLED, '192.0.2.1');
  refused.count(OVERLOADED, '192.0.2.1');
  refused.count(THROTTLED, '2001:db8::/48');
  expect(await records()).toEqual([]);
  await refused.flush();
  await refused.flush();
  expect(await records()).toEqual([
    ['login throttled', '192.0.2.1', 'sign-ins refused: 3', null, 1000],
    ['login overloaded', '192.0.2.1', 'sign-ins refused: 1', null, 1000],
    ['login throttled', '2001:db8::/48', 'sign-ins refused: 1', null, 1000],
  ]);
});

test('refusals by different limits are recorded separately, each with its limit', async () => {
  const { refused, records } = await counter();
  const by = (logReason: string) => new HttpProblem('too-many-attempts', { logReason });
  for (let time = 1; time <= 3; time += 1) refused.count(by('10 failures for one account'), '192.0.2.1');
  refused.count(by('300 failures for any accounts'), '192.0.2.1');
  await refused.flush();
  expect((await records()).map(([, , detail]) => detail)).toEqual([
    'sign-ins refused: 3 (limit: 10 failures for one account)',
    'sign-ins refused: 1 (limit: 300 failures for any accounts)',
  ]);
});

test('only refusals without a password check are counted', async () => {
  const { refused, records } = await counter();
  for (const error of [
    new HttpProblem('invalid-credentials'),
    new HttpProblem('unavailable'),
    new Error('x'),
    null,
  ]) {
    refused.count(error, '192.0.2.1');
  }
  await refused.flush();
  expect(await records()).toEqual([]);
});

test('10,000 networks cause at most 51 records, and every refusal is counted [T-GUESS-12]', async () => {
  const { refused, records } = await counter();
  for (let index = 0; index < 10_000; index += 1) refused.count(THROTTLED, `network ${index}`);
  await refused.flush();
  const written = await records();
  expect(written).toHaveLength(51);
  expect(written.at(-1)).toEqual(['login throttled', null, '9950 more, from other networks', null, 1000]);
});

test('counts that can’t be written are written by the next flush, together with later ones', async () => {
  const { stores, refused, records } = await counter();
  refused.count(THROTTLED, '192.0.2.1');
  const failing = new RefusedSignIns(
    {
      ...stores.audit,
      addAll: async (batch) => {
        failing.count(THROTTLED, '192.0.2.1');
        if (attempts.push('one') === 1) throw new HttpProblem('unavailable');
        await stores.audit.addAll(batch);
      },
    },
    () => 1000,
  );
  const attempts: string[] = [];
  failing.count(THROTTLED, '192.0.2.1');
  await expect(failing.flush()).rejects.toMatchObject({ code: 'unavailable' });
  await failing.flush();
  await failing.flush();
  expect((await records()).map(([, , detail]) => detail)).toEqual([
    'sign-ins refused: 2',
    'sign-ins refused: 1',
  ]);
});
