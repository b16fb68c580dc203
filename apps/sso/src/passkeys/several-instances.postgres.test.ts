/** Passkeys at two instances of the SSO service on one PostgreSQL database. */
import { expect, onTestFinished, test } from 'vitest';
import { postgresUrl } from '../../../../test/support/postgres.ts';
import { sharedHasher } from '../../../../test/support/shared-hasher.ts';
import { addPasskey, challengeFor } from '../../../../test/support/sso/passkey-requests.ts';
import { sealingKeysOf } from '../../../../test/support/sso/sealing-keys.ts';
import { ADA, FOO, testService } from '../../../../test/support/sso/test-service.ts';
import { createSsoService } from '../app.ts';

async function twoInstances() {
  const service = await testService({ database: await postgresUrl(), sealing: sealingKeysOf() });
  const two = await createSsoService(service.config, () => service.clock.now, await sharedHasher());
  onTestFinished(() => two.close());
  const authenticator = await addPasskey(service.app, await service.logIn());
  const signInAt = (instance: typeof two, credential: object) =>
    instance.inject({
      method: 'POST',
      url: '/',
      headers: { origin: FOO },
      payload: { request: 'passkey login', credential },
    });
  return { service, one: service.app, two, authenticator, signInAt };
}

test('a challenge of one instance is accepted by another, and then by none [T-PASSKEY-03]', async () => {
  const { service, one, two, authenticator, signInAt } = await twoInstances();
  const challenge = await challengeFor(service);
  const credential = authenticator.get({ challenge, origin: FOO });
  expect((await signInAt(two, credential)).json()).toEqual({ status: 'signed in', account: ADA });
  for (const instance of [one, two]) {
    expect((await signInAt(instance, credential)).json()).toMatchObject({ code: 'invalid-passkey' });
  }
});

test('of many sign-ins with one challenge at two instances, one succeeds [T-PASSKEY-03]', async () => {
  const { service, one, two, authenticator, signInAt } = await twoInstances();
  for (let round = 0; round < 5; round += 1) {
    const credential = authenticator.get({ challenge: await challengeFor(service), origin: FOO });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => signInAt(index % 2 === 0 ? one : two, credential)),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    service.clock.now += 15 * 60_000; // The others count as failures for that long.
  }
});

test('of two sign-ins with the same counter at two instances, one succeeds [T-PASSKEY-11]', async () => {
  const { service, one, two, authenticator, signInAt } = await twoInstances();
  const credentialOf = async () =>
    authenticator.get({ challenge: await challengeFor(service), origin: FOO, counter: 1 });
  const credentials = [await credentialOf(), await credentialOf()];
  const answers = await Promise.all(
    credentials.map((credential, index) => signInAt(index === 0 ? one : two, credential)),
  );
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 401]);
});
