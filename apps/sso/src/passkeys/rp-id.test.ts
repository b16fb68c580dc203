import { ConfigError } from '@samesite-sso/core';
import { expect, test } from 'vitest';
import { sharedHasher } from '../../../../test/support/shared-hasher.ts';
import { addPasskey } from '../../../../test/support/sso/passkey-requests.ts';
import { testService } from '../../../../test/support/sso/test-service.ts';
import { createSsoService } from '../app.ts';
import { toRpId } from './rp-id.ts';

test.each([
  ['https://sso.example.com', 'example.com'],
  ['http://sso.example.localhost:4000', 'example.localhost'],
  ['https://login.eu.example.co.uk:8443', 'example.co.uk'],
  ['https://sso.team.github.io', 'team.github.io'],
  ['http://localhost:4000', 'localhost'],
])('the RP ID of %s is its registrable domain, %s', (origin, rpId) => {
  expect(toRpId(origin)).toBe(rpId);
});

test('a service of another site refuses to start, and says how many passkeys it would void', async () => {
  const { app, logIn, config } = await testService();
  await addPasskey(app, await logIn());
  const moved = { ...config, origin: 'https://sso.example.com' };
  const start = async () => (await createSsoService(moved, Date.now, await sharedHasher())).close();
  await expect(start()).rejects.toThrow(ConfigError);
  await expect(start()).rejects.toThrow(/^SSO_ORIGIN: .* has 1 passkey for example\.localhost, which would/);
});

test('a service with another origin of the same site starts', async () => {
  const { app, logIn, config } = await testService();
  await addPasskey(app, await logIn());
  const renamed = { ...config, origin: 'https://login.example.localhost' };
  await (await createSsoService(renamed, Date.now, await sharedHasher())).close();
});
