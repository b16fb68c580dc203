/** Lists of any length are printed in constant memory: each page and each printed part is bounded. */
import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { ADA, FOO } from '../../../../test/support/sso/test-service.ts';
import { openSqliteStores } from '../storage/sqlite/open-stores.ts';
import { addAda, emptyDatabase } from './administration.fixture.ts';
import { runCommandLine } from './program.ts';

const ROWS = 20_000;
const NUMBERS = `(WITH RECURSIVE number (value) AS
  (SELECT 1 UNION ALL SELECT value + 1 FROM number LIMIT ${ROWS})
  SELECT value FROM number)`;

const FILL = {
  accounts: `INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
    SELECT value, printf('person%05d', value), printf('person%05d', value), '', '', 0 FROM ${NUMBERS}`,
  sessions: `INSERT INTO sso_session (sid, secret_hash, account_id, started_at, last_seen_at, ends_at)
    SELECT printf('session%05d', value), randomblob(32), '${ADA.id}', 0, ${ROWS} - value, 1 FROM ${NUMBERS}`,
  'audit records': `INSERT INTO audit_record (at, kind, act_by)
    SELECT value, 'key rotated', 'operator' FROM ${NUMBERS}`,
};

async function filled(table: keyof typeof FILL) {
  const database = emptyDatabase();
  if (table === 'sessions') {
    const stores = openSqliteStores(database);
    await addAda(stores);
    await stores.close();
  }
  const sqlite = new Sqlite(database);
  onTestFinished(() => void sqlite.close());
  sqlite.exec(FILL[table]);
  return { sqlite, environment: { SSO_DATABASE: database } };
}

const COMMANDS = [
  ['accounts', ['account', 'list']],
  ['sessions', ['session', 'list']],
  ['audit records', ['audit', '--limit', '1000000']],
] as const;

test.each(COMMANDS)('a list of %s is printed page by page [T-FLOOD-05]', async (table, args) => {
  const { environment } = await filled(table);
  const parts: string[] = [];
  const outcome = await runCommandLine([...args], environment, async (text) => parts.push(text) > 0);
  expect(outcome).toEqual({ status: 0, stderr: '' });
  for (const part of parts) expect(part.split('\n').length - 1).toBeLessThanOrEqual(500);
  const [headings = '', ...lines] = parts.join('').trimEnd().split('\n');
  expect(headings).toMatch(/^[A-Z]/);
  expect(lines).toHaveLength(ROWS);
});

test.each(COMMANDS)('a list of %s is one JSON array, in parts of a page', async (table, args) => {
  const { environment } = await filled(table);
  const parts: string[] = [];
  await runCommandLine([...args, '--json'], environment, async (text) => parts.push(text) > 0);
  const [{ length: longest = 0 } = ''] = parts.toSorted((one, two) => two.length - one.length);
  const text = parts.join('');
  const rows: unknown[] = JSON.parse(text);
  expect(rows).toHaveLength(ROWS);
  expect(text).toBe(`${JSON.stringify(rows, null, 2)}\n`);
  expect(longest).toBeLessThan((text.length / ROWS) * 550);
});

test.each(COMMANDS)(
  'a list of %s is read no faster than its output is consumed [T-FLOOD-05]',
  async (table, args) => {
    const { sqlite, environment } = await filled(table);
    let printed = '';
    await runCommandLine([...args, '--json'], environment, async (text) => {
      // Rows that haven't been read by now are gone.
      if (printed === '') {
        sqlite.pragma('foreign_keys = OFF');
        for (const each of ['account', 'sso_session', 'audit_record']) sqlite.exec(`DELETE FROM ${each}`);
      }
      printed += text;
      return true;
    });
    expect(JSON.parse(printed)).toHaveLength(500);
  },
);

test.each(COMMANDS)(
  'a list of %s stops when its output is closed, and closes the database [T-FLOOD-05]',
  async (table, args) => {
    const { sqlite, environment } = await filled(table);
    sqlite.close();
    let times = 0;
    const outcome = await runCommandLine([...args], environment, async () => {
      times += 1;
      return false;
    });
    expect([outcome.status, times]).toEqual([0, 1]);
    // SQLite removes its log when the last connection is closed.
    expect(existsSync(`${environment.SSO_DATABASE}-wal`)).toBe(false);
  },
);

test('a list that grows while it is printed ends, without waiting for the rows that are added', async () => {
  const { sqlite, environment } = await filled('audit records');
  const more = sqlite.prepare(
    "INSERT INTO audit_record (at, kind, act_by, app) VALUES (0, 'key rotated', 'x', ?)",
  );
  let lines = 0;
  await runCommandLine(['audit', '--limit', '1000000'], environment, async (text) => {
    sqlite.exec('BEGIN');
    for (let row = 0; row < 600; row += 1) more.run(FOO);
    sqlite.exec('COMMIT');
    lines += text.split('\n').length - 1;
    return true;
  });
  expect(lines).toBe(ROWS + 1);
});
