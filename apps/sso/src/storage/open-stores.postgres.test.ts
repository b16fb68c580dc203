/** Which engine a setting opens, and what of it is loaded. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { postgresUrl } from '../../../../test/support/postgres.ts';
import {
  ADA,
  byPassword,
  FOO,
  NO_REQUIREMENT,
  OPERATOR,
  temporaryFolder,
} from '../../../../test/support/sso/test-service.ts';
import { tcpProxy } from '../../../../test/support/tcp-proxy.ts';
import { openStores } from './open-stores.ts';

const OPEN_STORES = new URL('./open-stores.ts', import.meta.url).href;

test('an installation with SQLite loads neither pg nor the stores in PostgreSQL', () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { openStores } = await import(${JSON.stringify(OPEN_STORES)});
    await (await openStores(process.argv[1])).close();
    console.log(JSON.stringify(loaded));`;
  const file = path.join(temporaryFolder(), 'sso.sqlite');
  const loaded = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', script, file], { encoding: 'utf8' }),
  ) as string[];
  expect(loaded.filter((url) => url.includes('storage/sqlite/tokens.ts'))).toHaveLength(1);
  expect(loaded.filter((url) => /node_modules\/pg\/|storage\/postgres\//.test(url))).toEqual([]);
});

test('in PostgreSQL, steps 2, 3 and 4 cost one round trip to the database each', async () => {
  const proxy = await tcpProxy(await postgresUrl());
  const stores = await openStores(`${proxy.url}?pool_size=1`);
  onTestFinished(() => stores.close());
  await stores.accounts.add([{ ...ADA, usernameKey: 'ada', passwordHash: 'hash' }], OPERATOR);
  const tokenHash = randomBytes(32);
  const session = { sid: 'a sid', tokenHash, accountId: ADA.id, proof: byPassword(), endsAt: 60_000 };
  await stores.sessions.start({ ...session, userAgent: '', device: '' }, null, -1, OPERATOR);
  const costOf = async (work: () => Promise<unknown>) => {
    const before = proxy.roundTrips;
    expect(await work()).toBeTruthy();
    return proxy.roundTrips - before;
  };
  const hash = randomBytes(32);
  const assertion = { app: FOO, jti: 'a jti', expiresAt: 60_000 };
  expect(await costOf(() => stores.sessions.find(tokenHash))).toBe(1);
  const token = { hash, app: FOO, sid: 'a sid', sessionTokenHash: tokenHash, expiresAt: 9 };
  const issue = async () => (await stores.tokens.issue(token, NO_REQUIREMENT, OPERATOR)) === null;
  expect(await costOf(issue)).toBe(1);
  expect(await costOf(() => stores.tokens.redeem(hash, assertion, NO_REQUIREMENT, -1, OPERATOR))).toBe(1);
});
