/** Codes at two instances of the SSO service on one PostgreSQL database. */
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { postgresUrl } from '../../../../../test/support/postgres.ts';
import { sharedHasher } from '../../../../../test/support/shared-hasher.ts';
import { overviewOf } from '../../../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { sealingKeysOf } from '../../../../../test/support/sso/sealing-keys.ts';
import { cookieOf, FOO, PASSWORD, testService } from '../../../../../test/support/sso/test-service.ts';
import { addAuthenticator, codeAt, wrongCode } from '../../../../../test/support/sso/totp-app.ts';
import { createSsoService } from '../../app.ts';

async function twoInstances() {
  const service = await testService({ database: await postgresUrl(), sealing: sealingKeysOf() });
  const { app: one, clock, config, logIn, stores } = service;
  const two = await createSsoService(config, () => clock.now, await sharedHasher());
  onTestFinished(() => two.close());
  const { secret, recoveryCodes } = await addAuthenticator(service, await logIn());
  /** Signs in from an address of its own. */
  const signIn = (at: FastifyInstance, code: string, index: number) =>
    at.inject({
      method: 'POST',
      url: '/',
      headers: { origin: FOO },
      payload: { request: 'login', username: 'ada', password: PASSWORD, code },
      remoteAddress: `198.51.100.${index}`,
    });
  const outcomesOf = async (code: string, times: number) => {
    const answers = await Promise.all(
      Array.from({ length: times }, (_, index) => signIn(index % 2 === 0 ? one : two, code, index)),
    );
    return answers.map((answer) => (answer.statusCode === 200 ? 'signed in' : answer.json().code));
  };
  return { one, two, stores, clock, secret, recoveryCodes, signIn, outcomesOf };
}

test('of sign-ins with one code at two instances, one succeeds [T-CODE-01, T-CODE-05]', async () => {
  const { outcomesOf, secret, recoveryCodes, clock, stores } = await twoInstances();
  for (const code of [codeAt(secret, clock.now), recoveryCodes[0] ?? '']) {
    const outcomes = await outcomesOf(code, 6);
    expect(outcomes.toSorted()).toEqual([...Array(5).fill('invalid-code'), 'signed in']);
  }
  expect(await allRows(stores.audit.pages({ kind: 'login failed', limit: 20 }))).toHaveLength(10);
  expect(await outcomesOf(codeAt(secret, clock.now), 1)).toEqual(['too-many-attempts']);
});

test('wrong codes at two instances count together, and no more than ten are told [T-CODE-03]', async () => {
  const { outcomesOf, secret, clock } = await twoInstances();
  const outcomes = await outcomesOf(wrongCode(secret, clock.now), 16);
  expect(outcomes.toSorted()).toEqual([
    ...Array(10).fill('invalid-code'),
    ...Array(6).fill('too-many-attempts'),
  ]);
  expect(await outcomesOf(codeAt(secret, clock.now), 2)).toEqual(Array(2).fill('too-many-attempts'));
});

test('an authenticator app that was added at one instance is asked for at the other', async () => {
  const { two, signIn, secret, clock } = await twoInstances();
  const answer = await signIn(two, codeAt(secret, clock.now), 1);
  const { factors, factorChanges } = await overviewOf(two, cookieOf(answer));
  expect(factors).toMatchObject({ authenticator: true, recoveryCodes: 10 });
  expect(factorChanges).toMatchObject([{ kind: 'authenticator added' }]);
});
