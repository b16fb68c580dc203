import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PASSWORD, temporaryFolder, testService } from '../../../test/test-service.ts';
import { describeStores } from '../store-contract.ts';
import { openSqliteStores } from './sqlite-stores.ts';

const folders = new Map<string, string>();
describeStores('SQLite', () => {
  const test = expect.getState().currentTestName ?? '';
  const folder = folders.get(test) ?? temporaryFolder();
  folders.set(test, folder);
  return openSqliteStores(path.join(folder, 'sso.sqlite'));
});

test('no secret stands in the database or its journal', async () => {
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
