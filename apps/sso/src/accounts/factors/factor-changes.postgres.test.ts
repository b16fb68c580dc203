/** Changes of factors at two instances of the SSO service on one PostgreSQL database. */
import { expect, onTestFinished, test } from 'vitest';
import { postgresUrl } from '../../../../../test/support/postgres.ts';
import { sharedHasher } from '../../../../../test/support/shared-hasher.ts';
import { logInOnPage, overviewOf, send } from '../../../../../test/support/sso/account-requests.ts';
import { sealingKeysOf } from '../../../../../test/support/sso/sealing-keys.ts';
import { cookieOf, PASSWORD, testService } from '../../../../../test/support/sso/test-service.ts';
import { codeAt } from '../../../../../test/support/sso/totp-app.ts';
import { ACCOUNT_PATHS } from '../../account-page/paths.ts';
import { createSsoService } from '../../app.ts';

const ROUNDS = 5;

test.each([
  ['POST', ACCOUNT_PATHS.recoveryCodes],
  ['DELETE', ACCOUNT_PATHS.authenticator],
] as const)(
  '%s %s at one instance changes nothing about an app that is added at another [T-CODE-07]',
  async (method, url) => {
    const service = await testService({ database: await postgresUrl(), sealing: sealingKeysOf() });
    const { app: one, clock, config, logIn, stores } = service;
    const two = await createSsoService(config, () => clock.now, await sharedHasher());
    onTestFinished(() => two.close());
    for (let round = 0; round < ROUNDS; round += 1) {
      const own = await logIn();
      const thief = cookieOf(await logInOnPage(two, { username: 'ada', password: PASSWORD }));
      const authenticator = { url: ACCOUNT_PATHS.authenticator, cookie: own };
      const { secret } = (await send(one, { ...authenticator, method: 'POST', body: {} })).json();
      const codes = new Set<string>();
      const change = { method, url, cookie: thief, ...(method === 'POST' && { body: {} }) };
      const tryOften = async () => {
        while (!codes.has('not-signed-in')) {
          const answer = await send(two, change);
          codes.add(answer.statusCode < 300 ? 'done' : answer.json().code);
        }
      };
      const attempts = [tryOften(), tryOften(), tryOften()];
      await expect.poll(() => [...codes]).toEqual(['not-found']);
      const body = { code: codeAt(secret, clock.now) };
      const confirmed = await send(one, { ...authenticator, method: 'PUT', body });
      expect(confirmed.statusCode).toBe(200);
      await Promise.all(attempts); // Until the thief's session has ended.
      expect([...codes]).not.toContain('done');
      expect([...codes]).toContain('not-signed-in');
      expect((await overviewOf(one, own)).factors).toMatchObject({ authenticator: true, recoveryCodes: 10 });
      const code: string = confirmed.json().recoveryCodes[0];
      const login = await logInOnPage(one, { username: 'ada', password: PASSWORD, code });
      expect(login.statusCode, 'the owner’s recovery codes work').toBe(200);
      const cookie = cookieOf(login);
      const removed = await send(one, { method: 'DELETE', url: ACCOUNT_PATHS.authenticator, cookie });
      expect(removed.statusCode).toBe(200);
      clock.now += 60_000;
    }
    expect(await stores.factors.of('account-of-ada')).toMatchObject({ hasAuthenticator: false });
  },
);
