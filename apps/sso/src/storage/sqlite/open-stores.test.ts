import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import {
  FOO,
  NO_REQUIREMENT,
  OPERATOR,
  PASSWORD,
  temporaryFolder,
  testService,
} from '../../../../../test/support/sso/test-service.ts';
import { addAda, startSession } from '../../administration/administration.fixture.ts';
import { describeStores } from '../contract/stores.test-suite.ts';
import { openSqliteStores } from './open-stores.ts';

const files = new Map<string, string>();
/** The database file of the running test. */
function databaseFile(): string {
  const test = expect.getState().currentTestName ?? '';
  const file = files.get(test) ?? path.join(temporaryFolder(), 'sso.sqlite');
  files.set(test, file);
  return file;
}

describeStores('SQLite', {
  isShared: false,
  open: async () => openSqliteStores(databaseFile()),
  async refuseToEnd(sid) {
    const sqlite = new Sqlite(databaseFile());
    sqlite.exec(
      `CREATE TRIGGER refuse_to_end BEFORE DELETE ON sso_session WHEN OLD.sid = '${sid}'
       BEGIN SELECT RAISE(ABORT, 'refused by a test'); END`,
    );
    sqlite.close();
  },
});

test('no secret is stored in the database or its journal', async () => {
  const { post, logIn, config } = await testService();
  const cookie = await logIn();
  const { token } = (await post({ request: 'authentication token' }, { cookie })).json();
  await post({ request: 'login', username: 'my password, typed into the wrong field', password: 'x' });
  const directory = path.dirname(config.database);
  const files = readdirSync(directory).filter((name) => name.includes('sqlite') && !name.endsWith('.json'));
  const written = Buffer.concat(files.map((name) => readFileSync(path.join(directory, name))));
  expect(written.includes('account-of-ada')).toBe(true);
  const secrets = [PASSWORD, cookie.split('=')[1] ?? '', token, 'typed into the wrong field'];
  for (const secret of secrets) expect(written.includes(secret)).toBe(false);
});

test('ending a session makes its tokens invalid and deletes none, however many [T-FLOOD-02]', async () => {
  const { post, logIn, config, stores } = await testService();
  const cookie = await logIn();
  for (let count = 0; count < 20; count += 1) await post({ request: 'authentication token' }, { cookie });
  await post({ request: 'logout' }, { cookie });
  const sqlite = new Sqlite(config.database, { readonly: true });
  const hashes = sqlite.prepare('SELECT hash FROM authentication_token').pluck().all() as Buffer[];
  sqlite.close();
  expect(hashes).toHaveLength(20);
  for (const [index, hash] of hashes.entries()) {
    const assertion = { app: FOO, jti: `assertion ${index}`, expiresAt: OPERATOR.at + 60_000 };
    expect(await stores.tokens.redeem(hash, assertion, NO_REQUIREMENT, 0, OPERATOR)).toEqual({
      inactiveReason: 'unknown token or ended session',
    });
  }
});

test('a service that starts takes over the leases of one that was killed', async () => {
  const stores = openSqliteStores(databaseFile());
  onTestFinished(() => stores.close());
  await addAda(stores);
  await stores.sessions.end({ sids: [await startSession(stores)] }, 'signed out', OPERATOR);
  const now = Date.now();
  expect(await stores.logoutNotices.due(FOO, 'killed', now, 1)).toHaveLength(1);
  expect(await stores.logoutNotices.appsDue('started', now)).toEqual([]);
  await stores.registry.record({ instance: 'started', apps: [], loadedAt: now }, now);
  expect(await stores.logoutNotices.appsDue('started', now)).toEqual([FOO]);
});
