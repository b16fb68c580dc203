import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Runs the app's process with an environment that it must reject. */
function start(environment: Record<string, string>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'samesite-sso-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'damaged.db'), 'x'.repeat(5000), { mode: 0o600 });
  writeFileSync(path.join(folder, 'open.db'), '');
  chmodSync(path.join(folder, 'open.db'), 0o644);
  const env = {
    APP_ORIGIN: 'http://bar.app.example.localhost:4003',
    APP_NAME: 'Bar',
    APP_LISTEN: '127.0.0.1:4003',
    APP_DATABASE: 'bar.db',
    SSO_ORIGIN: 'http://sso.example.localhost:4000',
    ...environment,
  };
  const { status, stderr } = spawnSync(process.execPath, [MAIN], { cwd: folder, env, encoding: 'utf8' });
  return { status, lines: stderr.trimEnd().split('\n') };
}

test.each([
  ['a variable is empty', { APP_NAME: '' }, /APP_NAME is empty/],
  ['its site is not the SSO service’s', { APP_ORIGIN: 'http://bar.localhost:4003' }, /withhold/],
  ['its origin is the SSO service’s', { SSO_ORIGIN: 'http://bar.app.example.localhost:4003' }, /must differ/],
  ['its database isn’t a database', { APP_DATABASE: 'damaged.db' }, /APP_DATABASE: .*not a database/],
  [
    'its database is open to others',
    { APP_DATABASE: 'open.db' },
    /APP_DATABASE: \S*open\.db is open to others \(mode 644\); run chmod/,
  ],
  [
    'its database’s folder is missing',
    { APP_DATABASE: 'nowhere/bar.db' },
    /APP_DATABASE: nowhere\/bar\.db can't be used as a database/,
  ],
  [
    'its database’s path ends in a carriage return',
    { APP_DATABASE: 'bar.db\r' },
    /APP_DATABASE .*"bar\.db\\r"/,
  ],
  ['its database is in memory', { APP_DATABASE: ':memory:' }, /APP_DATABASE is not the path of a file/],
])('the app refuses to start and says why in one line if %s', (_name, environment, reason) => {
  const { status, lines } = start(environment);
  expect(status).toBe(1);
  expect(lines).toEqual([expect.stringMatching(/^app can't start: /)]);
  expect(lines[0]).toMatch(reason);
});
