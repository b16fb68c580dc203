/**
 * The SSO service for one test, without a port: requests are injected. It has a folder of its own, a clock
 * that the test sets, ada as an account, and foo and lorem in its registry.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { isPostgresUrl } from '@samesite-sso/core';
import type { LightMyRequestResponse } from 'fastify';
import { onTestFinished } from 'vitest';
import { DEFAULT_LIMITS } from '../../../apps/sso/src/accounts/client-networks.ts';
import { createSsoService } from '../../../apps/sso/src/app.ts';
import type { Config } from '../../../apps/sso/src/config.ts';
import { openStores } from '../../../apps/sso/src/storage/open-stores.ts';
import { openSqliteStores } from '../../../apps/sso/src/storage/sqlite/open-stores.ts';
import type { Stores } from '../../../apps/sso/src/storage/stores.ts';
import { addDemoAccounts } from '../accounts.ts';
import type { AtEnd } from '../at-end.ts';
import { sharedHasher } from '../shared-hasher.ts';
import { ssoDatabase } from '../sso-database.ts';
import { temporaryFolder } from '../temporary-folder.fixture.ts';
import { type AppSettings, registeredApp, registryText } from './registered-app.ts';
import { sealingKeysOf } from './sealing-keys.ts';

export { ADA, byPassword, GRACE, NO_REQUIREMENT, OPERATOR } from '../accounts.ts';
export { temporaryFolder };

export const SSO = 'http://sso.example.localhost:4000';
export const FOO = 'http://foo.app.example.localhost:4001';
export const LOREM = 'http://lorem.app.example.localhost:4002';
export const PASSWORD = 'correct horse battery staple';

export type TestService = Awaited<ReturnType<typeof testService>>;

const APPS: readonly AppSettings[] = [
  { origin: FOO, name: 'Foo', server: 'http://127.0.0.1:4001' },
  { origin: LOREM, name: 'Lorem', server: 'http://127.0.0.1:4002' },
];

export type ServiceSettings = Partial<Omit<Config, 'apps'>> & { apps?: readonly AppSettings[] };

export async function testService(
  { apps = APPS, ...settings }: ServiceSettings = {},
  { atEnd = onTestFinished, clock: givenClock }: { atEnd?: AtEnd; clock?: () => number } = {},
) {
  const folder = temporaryFolder(atEnd);
  const database = settings.database ?? (await ssoDatabase(path.join(folder, 'sso.sqlite'), atEnd));
  const config: Config = {
    origin: SSO,
    listen: { host: '127.0.0.1', port: 4000 },
    database,
    sealing: isPostgresUrl(database) ? sealingKeysOf(undefined, atEnd) : null,
    registryFile: path.join(folder, 'apps.json'),
    warnings: [],
    tls: null,
    trustedProxies: [],
    tokenSeconds: 30,
    sessionIdleSeconds: 7200,
    sessionMaxSeconds: 43_200,
    failureLimits: DEFAULT_LIMITS,
    auditDays: 90,
    contextWords: [],
    logLevel: 'silent',
    ...settings,
    apps: apps.map(registeredApp),
  };
  const clock = { now: Date.parse('2026-11-22T12:00:00Z') };
  const writeRegistry = (apps: readonly AppSettings[]) =>
    writeFileSync(config.registryFile, registryText(apps));
  writeRegistry(config.apps);
  await addDemoAccounts(config.database, ['ada']);
  const app = await createSsoService(config, givenClock ?? (() => clock.now), await sharedHasher());
  // A connection to PostgreSQL takes a while, and is opened now.
  let stores = isPostgresUrl(config.database) ? await openStores(config.database) : undefined;
  atEnd(async () => {
    await stores?.close();
    await app.close();
  });

  /** Sends a request to the cross-origin endpoint, by default from foo's page. */
  const post = (
    body: unknown,
    { cookie, origin = FOO, ip = '192.0.2.1' }: { cookie?: string; origin?: string; ip?: string } = {},
  ) =>
    app.inject({
      method: 'POST',
      url: '/',
      headers: { origin, 'content-type': 'application/json', ...(cookie && { cookie }) },
      payload: JSON.stringify(body),
      remoteAddress: ip,
    });
  /** Logs ada in. @returns her cookie, ready to send */
  const logIn = async (cookie?: string) => {
    const credentials = { username: 'ada', password: PASSWORD };
    return cookieOf(await post({ request: 'login', ...credentials }, { ...(cookie && { cookie }) }));
  };
  return {
    app,
    config,
    clock,
    /** The same stores over a connection of their own, as the command line has. */
    get stores(): Stores {
      stores ??= openSqliteStores(config.database);
      return stores;
    },
    post,
    logIn,
    /** Replaces the apps in the registry, as an operator does who then sends SIGHUP. */
    async changeApps(apps: readonly AppSettings[]): Promise<void> {
      writeRegistry(apps);
      await app.reload?.();
    },
  };
}

/** The SSO cookie that a response sets, ready to send; empty without one. */
export function cookieOf(response: LightMyRequestResponse): string {
  const cookie = response.cookies.find(({ name }) => name === '__Host-sso');
  return cookie === undefined ? '' : `${cookie.name}=${cookie.value}`;
}
