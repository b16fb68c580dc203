/**
 * A whole SSO service for one test: its own folder, a clock that the test moves, ada with her password, and
 * foo and lorem registered. Nothing listens; requests are injected.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { onTestFinished } from 'vitest';
import { DEFAULT_LIMITS } from '../../../apps/sso/src/accounts/client-networks.ts';
import { hashPassword } from '../../../apps/sso/src/accounts/hashing/argon2.ts';
import { usernameKey } from '../../../apps/sso/src/accounts/username.ts';
import { buildApp } from '../../../apps/sso/src/app.ts';
import type { Config } from '../../../apps/sso/src/config.ts';
import { openSqliteStores } from '../../../apps/sso/src/storage/sqlite/sqlite-stores.ts';
import type { AuditContext, Stores } from '../../../apps/sso/src/storage/stores.ts';

export const SSO = 'http://sso.example.localhost:4000';
export const FOO = 'http://foo.app.example.localhost:4001';
export const LOREM = 'http://lorem.app.example.localhost:4002';
export const PASSWORD = 'correct horse battery staple';
export const ADA = { id: 'account-of-ada', username: 'ada', displayName: 'Ada Lovelace' };

/** Who prepares things before a test. */
export const OPERATOR: AuditContext = { at: 0, actor: 'operator', address: null };

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'samesite-sso-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestService {
  app: FastifyInstance;
  config: Config;
  clock: { now: number };
  /** The same stores, by a connection of their own, as the command line has one. */
  stores: Stores;
  /** Sends a request to the cross-origin endpoint, as foo's page would. */
  post(
    body: unknown,
    options?: { cookie?: string; origin?: string; ip?: string },
  ): Promise<LightMyRequestResponse>;
  /** Logs ada in and gives her cookie, ready to send. */
  logIn(cookie?: string): Promise<string>;
}

export async function testService(settings: Partial<Config> = {}): Promise<TestService> {
  const config: Config = {
    origin: SSO,
    listen: { host: '127.0.0.1', port: 4000 },
    database: path.join(temporaryFolder(), 'sso.sqlite'),
    apps: [
      { origin: FOO, name: 'Foo', server: 'http://127.0.0.1:4001' },
      { origin: LOREM, name: 'Lorem', server: 'http://127.0.0.1:4002' },
    ],
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
  };
  const clock = { now: Date.parse('2026-11-22T12:00:00Z') };
  await addAda(config.database);
  const app = await buildApp(config, () => clock.now);
  const stores = openSqliteStores(config.database);
  onTestFinished(async () => {
    stores.close();
    await app.close();
  });

  const post: TestService['post'] = (body, { cookie, origin = FOO, ip = '192.0.2.1' } = {}) =>
    app.inject({
      method: 'POST',
      url: '/',
      headers: { origin, 'content-type': 'application/json', ...(cookie && { cookie }) },
      payload: JSON.stringify(body),
      remoteAddress: ip,
    });
  const logIn = async (cookie?: string) => {
    const answer = await post(
      { request: 'login', username: 'ada', password: PASSWORD },
      { ...(cookie && { cookie }) },
    );
    return cookieOf(answer);
  };
  return { app, config, clock, stores, post, logIn };
}

/** The SSO cookie that an answer sets, ready to send; empty if it sets none. */
export function cookieOf(answer: LightMyRequestResponse): string {
  const cookie = answer.cookies.find(({ name }) => name === '__Host-sso');
  return cookie === undefined ? '' : `${cookie.name}=${cookie.value}`;
}

let hash: string | undefined;

async function addAda(database: string): Promise<void> {
  hash ??= await hashPassword(PASSWORD);
  const stores = openSqliteStores(database);
  await stores.accounts.add(
    [{ ...ADA, usernameKey: usernameKey(ADA.username), passwordHash: hash }],
    OPERATOR,
  );
  stores.close();
}
