/** Keys that roll under the flow: each side signs with a key that the other has never fetched. */

import { rotateKey } from '@samesite-sso/core';
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type Site, startSite } from './real-site.fixture.ts';
import { sharedCache } from './shared-cache.fixture.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const fetches = () => site.asked.filter((path) => path === SSO_PATHS.keys).length;

it('an app that knows the keys of the SSO service takes a token by one that was published later', async () => {
  const { newToken, redeem } = await site.newApp();
  expect((await redeem(await newToken())).statusCode).toBe(201);
  const before = fetches();
  const { kid } = await rotateKey(site.ssoDatabase, { immediate: true });
  // The SSO service notices in a moment; the app may fetch once a second.
  await expect.poll(async () => decodeProtectedHeader(await newToken()).kid).toBe(kid);
  const token = await newToken();
  await expect.poll(async () => (await redeem(token)).statusCode, { timeout: 5000 }).toBe(201);
  expect(fetches()).toBe(before + 1);
});

it('the SSO service, which knows the keys of an app, takes an assertion by one that was published later', async () => {
  const { app, newToken, redeem, database } = await site.newApp();
  expect((await redeem(await newToken())).statusCode).toBe(201);
  const { kid } = await rotateKey(database, { immediate: true });
  await expect.poll(async () => (await app.inject(APP_PATHS.keys)).json().keys[0].kid).toBe(kid);
  const token = await newToken();
  await expect.poll(async () => (await redeem(token)).statusCode, { timeout: 5000 }).toBe(201);
});

it('an app behind a shared cache takes a token by a new key of the SSO service within seconds', async () => {
  const { newToken, redeem } = await site.newApp();
  onTestFinished(() => {
    site.ssoAnswers = site.ssoService;
  });
  site.ssoAnswers = await sharedCache(site.ssoService);
  expect((await redeem(await newToken())).statusCode).toBe(201);
  const { kid } = await rotateKey(site.ssoDatabase, { immediate: true });
  await expect.poll(async () => decodeProtectedHeader(await newToken()).kid).toBe(kid);
  const token = await newToken();
  await expect.poll(async () => (await redeem(token)).statusCode, { timeout: 5000 }).toBe(201);
});

it('the SSO service behind a shared cache takes an assertion by a new key of an app within seconds', async () => {
  const { app, newToken, redeem, database } = await site.newApp();
  onTestFinished(() => {
    site.appAnswers = (service) => service;
  });
  const cached = await sharedCache(app.routing);
  site.appAnswers = () => cached;
  expect((await redeem(await newToken())).statusCode).toBe(201);
  const { kid } = await rotateKey(database, { immediate: true });
  await expect.poll(async () => (await app.inject(APP_PATHS.keys)).json().keys[0].kid).toBe(kid);
  const token = await newToken();
  await expect.poll(async () => (await redeem(token)).statusCode, { timeout: 5000 }).toBe(201);
});
