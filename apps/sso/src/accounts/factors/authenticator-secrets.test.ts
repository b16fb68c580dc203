import { SealingKeyError } from '@samesite-sso/core';
import { expect, test } from 'vitest';
import { newSealingKey, sealingKeysOf } from '../../../../../test/support/sso/sealing-keys.ts';
import { testService } from '../../../../../test/support/sso/test-service.ts';
import { addAuthenticator } from '../../../../../test/support/sso/totp-app.ts';
import { createSsoService } from '../../app.ts';
import { openAuthenticatorSecrets } from './authenticator-secrets.ts';

const key = newSealingKey();

test.each<[string, () => ReturnType<typeof sealingKeysOf> | null, RegExp]>([
  ['no sealing keys', () => null, /^is missing, but /],
  ['other sealing keys', () => sealingKeysOf(), /^no key in \S+ opens the sso /],
])(
  'a service with %s doesn’t start if an authenticator app was added [T-CODE-06]',
  async (_name, keys, told) => {
    const service = await testService({ sealing: sealingKeysOf([key]) });
    await addAuthenticator(service, await service.logIn());
    await service.app.close();
    const start = createSsoService({ ...service.config, sealing: keys() });
    await expect(start).rejects.toThrow(SealingKeyError);
    await expect(start).rejects.toThrow(told);
    // The service opens other secrets first.
    await expect(openAuthenticatorSecrets(service.stores.factors, keys())).rejects.toThrow(told);
  },
);

test('a database without authenticator apps needs no sealing keys', async () => {
  const { stores } = await testService();
  expect((await openAuthenticatorSecrets(stores.factors, null)).canSeal).toBe(false);
});

test('a service starts with new sealing keys beside the old one', async () => {
  const service = await testService({ sealing: sealingKeysOf([key]) });
  await addAuthenticator(service, await service.logIn());
  await service.app.close();
  const sealing = sealingKeysOf([newSealingKey(), key]);
  await (await createSsoService({ ...service.config, sealing })).close();
});
