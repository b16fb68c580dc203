/** Key rotation during the flow: each side signs with a key that the other hasn't fetched yet. */

import { rotateKey } from '@samesite-sso/core';
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { keysBeside } from '../../../test/support/keys-beside.ts';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../test/support/one-second.ts';
import { type Site, startSite } from './real-site.fixture.ts';
import { sharedCache } from './shared-cache.fixture.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

/** A server looks at its key file once a second. */
const SOON = { timeout: ONE_SECOND_WHEN_BUSY_MS };

const fetches = () => site.requestPaths.filter((path) => path === SSO_PATHS.keys).length;

it('an app with cached keys accepts a token signed by a newer key of the SSO service', async () => {
  const { newToken, redeem } = await site.newApp();
  expect((await redeem(await newToken())).statusCode).toBe(201);
  const before = fetches();
  const { kid } = await rotateKey(keysBeside(site.ssoDatabase), { immediate: true });
  // The SSO service rereads its key file after a moment; the app may fetch keys once a second.
  await expect.poll(async () => decodeProtectedHeader(await newToken()).kid, SOON).toBe(kid);
  const token = await newToken();
  await expect.poll(async () => (await redeem(token)).statusCode, { timeout: 5000 }).toBe(201);
  expect(fetches()).toBe(before + 1);
});

it('the SSO service with cached keys accepts an assertion signed by a newer key of the app', async () => {
  const { app, newToken, redeem, database } = await site.newApp();
  expect((await redeem(await newToken())).statusCode).toBe(201);
  const { kid } = await rotateKey(keysBeside(database), { immediate: true });
  await expect.poll(async () => (await app.inject(APP_PATHS.keys)).json().keys[0].kid, SOON).toBe(kid);
  const token = await newToken();
  await expect.poll(async () => (await redeem(token)).statusCode, { timeout: 5000 }).toBe(201);
});

it('an app behind a shared cache accepts the SSO service’s new key within seconds [T-CACHE-05]', async () => {
  const { newToken, redeem } = await site.newApp();
  onTestFinished(() => {
    site.handleSsoRequest = site.ssoService;
  });
  site.handleSsoRequest = await sharedCache(site.ssoService);
  expect((await redeem(await newToken())).statusCode).toBe(201);
  const { kid } = await rotateKey(keysBeside(site.ssoDatabase), { immediate: true });
  await expect.poll(async () => decodeProtectedHeader(await newToken()).kid, SOON).toBe(kid);
  const token = await newToken();
  await expect.poll(async () => (await redeem(token)).statusCode, { timeout: 5000 }).toBe(201);
});

it('the SSO service behind a shared cache accepts an app’s new key within seconds [T-CACHE-05]', async () => {
  const { app, newToken, redeem, database } = await site.newApp();
  onTestFinished(() => {
    site.handleAppRequest = (service) => service;
  });
  const cached = await sharedCache(app.routing);
  site.handleAppRequest = () => cached;
  expect((await redeem(await newToken())).statusCode).toBe(201);
  const { kid } = await rotateKey(keysBeside(database), { immediate: true });
  await expect.poll(async () => (await app.inject(APP_PATHS.keys)).json().keys[0].kid, SOON).toBe(kid);
  const token = await newToken();
  await expect.poll(async () => (await redeem(token)).statusCode, { timeout: 5000 }).toBe(201);
});
