/** The backup of docs/operations.md, made while the service runs, and a restore from it. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../../../../../test/support/sso/run-program.ts';
import { running, started } from '../../../../../test/support/sso/running-service.ts';
import { PASSWORD, temporaryFolder } from '../../../../../test/support/sso/test-service.ts';

const TOKEN = { request: 'authentication token' };

test('a backup made during logins is intact, complete, and usable', async () => {
  const service = await running();
  const { variables, url, post, child, ended } = service;
  const [cookie = ''] = (await service.logIn()).headers.getSetCookie();
  const copy = path.join(service.folder, 'backup.sqlite');

  let isOver = false;
  const issued: number[] = [];
  const busy = Array.from({ length: 4 }, async () => {
    while (!isOver) issued.push((await post(TOKEN, cookie)).status);
  });
  await expect.poll(() => issued.length).toBeGreaterThan(20);
  const before = issued.length;
  const backup = await runProgram('cli.ts', ['backup', copy], variables);
  isOver = true;
  await Promise.all(busy);
  expect(backup).toMatchObject({ status: 0, stderr: '' });
  expect(new Set(issued), 'the service went on meanwhile').toEqual(new Set([200]));

  const sqlite = new Sqlite(copy, { readonly: true });
  onTestFinished(() => void sqlite.close());
  const count = sqlite.prepare("SELECT count(*) FROM audit_record WHERE kind = 'token issued'").pluck().get();
  expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(count).toBeGreaterThanOrEqual(before);
  for (const file of [copy, `${copy}.keys.json`]) expect(statSync(file).mode & 0o777).toBe(0o600);

  // Restore as documented: stop the service, and start another one on the copy.
  const keys = await (await fetch(`${url}/.well-known/jwks.json`)).json();
  child.kill('SIGTERM');
  await ended;
  await started({ ...variables, SSO_DATABASE: copy });
  expect(await (await fetch(`${url}/.well-known/jwks.json`)).json()).toEqual(keys);
  expect((await post(TOKEN, cookie)).status, 'earlier sessions continue').toBe(200);
  expect((await post({ request: 'login', username: 'ada', password: PASSWORD })).status).toBe(200);
  const ending = await runProgram('cli.ts', ['session', 'end', '--all', '--json'], {
    SSO_DATABASE: copy,
  });
  expect(JSON.parse(ending.stdout)).toEqual({ sessionsEnded: 2 });
  expect((await post(TOKEN, cookie)).status, 'until they are ended, as they should be').toBe(401);
});

test('a backup overwrites nothing, and leaves nothing behind when it fails', async () => {
  const { variables, folder } = await running();
  const copy = path.join(folder, 'backup.sqlite');
  const backUp = (to: string, database = variables.SSO_DATABASE) =>
    runProgram('cli.ts', ['backup', to], { SSO_DATABASE: database });
  await backUp(copy);
  const before = readFileSync(copy);
  expect((await backUp(copy)).status).toBe(1);
  expect(readFileSync(copy).equals(before)).toBe(true);

  const empty = path.join(temporaryFolder(), 'nowhere.sqlite');
  const second = path.join(folder, 'second.sqlite');
  expect(await backUp(second, empty)).toMatchObject({ status: 1, stdout: '' });
  expect([existsSync(second), existsSync(empty)]).toEqual([false, false]);
  expect((await backUp(path.join(folder, 'no', 'such', 'folder'))).status).toBe(1);
});
