/**
 * A thousand and a million SSO sessions: step 2, start-up, memory, the size of the database, the command
 * line, and housekeeping, with the longest response of step 2 meanwhile.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { newFolder } from '../data-folder.ts';
import { probeWhile } from '../probe.ts';
import { type Product, startProduct } from '../product.ts';
import { compare, type Plan, repeated } from '../rounds.ts';
import { residentMebibytes, runCommand } from '../run-command.ts';
import { addAccounts, addExpiredTokens, addSessions } from '../sessions.ts';
import { quartiles } from '../statistics.ts';
import type { Cell, Table } from '../table.ts';

const SESSIONS_PER_ACCOUNT = 5;
const STARTS = 5;
/** Sessions that step 2 uses in turn. */
const USED_SESSIONS = 10_000;
const OVERDUE_SECONDS = 20;
const QUIET_SECONDS = 10;
const MEGABYTE = 1_000_000;

export async function scale(plan: Plan): Promise<Table> {
  const small = await fill(await startProduct(), 1000);
  const large = await fill(await startProduct(), plan.isQuick ? 20_000 : 1_000_000);
  const both = [small, large];
  const starts = [await timeStarts(small), await timeStarts(large)];
  const [, loginStatus] = await compare(both.map(toSubject), plan);
  const memory = both.map(({ product }) => residentMebibytes(product.sso.pid));
  const row = async (name: string, measure: (filled: Filled) => Promise<Cell>, goal: Cell = null) => [
    name,
    await measure(small),
    await measure(large),
    goal,
  ];
  const rows = [
    ['step 2, ratio', 1, loginStatus?.ratio ?? null, '≥ 0.87'],
    ['start-up, s', ...starts, null],
    ['memory after step 2, MiB', ...memory, null],
    ['database, MB', ...both.map(({ product }) => statSync(product.databaseFile).size / MEGABYTE), null],
    await row('`account list`', (filled) => runCommand(filled.product, 'account', 'list'), 'streamed'),
    await row('`session list`', (filled) => runCommand(filled.product, 'session', 'list'), 'streamed'),
    await row('`session list --json`', (filled) => runCommand(filled.product, 'session', 'list', '--json')),
    await row('`backup`', ({ product }) =>
      runCommand(product, 'backup', join(newFolder('backup'), 'copy.db')),
    ),
    ['longest response of step 2, quiet, ms', null, await probeQuiet(large), null],
    ...(await purge(large)),
    ...(await endOverdue(large)),
  ];
  return { headings: ['', `${small.count} sessions`, `${large.count} sessions`, 'goal'], rows };
}

type Filled = { readonly product: Product; readonly count: number; readonly cookies: readonly string[] };

async function fill(product: Product, count: number): Promise<Filled> {
  const cookies = await withDatabase(product, (database) => {
    const accounts = addAccounts(database, count / SESSIONS_PER_ACCOUNT);
    return addSessions(database, count, accounts, product.foo.origin);
  });
  await product.sso.start();
  return { product, count, cookies };
}

/** Changes the database while the service is stopped, without waiting for the disk. */
async function withDatabase<Result>(product: Product, change: (database: Database.Database) => Result) {
  await product.sso.stop();
  const database = new Database(product.databaseFile);
  database.pragma('synchronous = OFF');
  const result = change(database);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  return result;
}

async function timeStarts({ product: { sso } }: Filled): Promise<Cell> {
  const seconds: number[] = [];
  for (let start = 1; start <= STARTS; start += 1) {
    await sso.stop();
    const startedAtMs = performance.now();
    await sso.start();
    seconds.push((performance.now() - startedAtMs) / 1000);
  }
  return quartiles(seconds);
}

function toSubject({ product, count, cookies }: Filled) {
  const step = Math.max(1, Math.floor(count / USED_SESSIONS));
  const used = cookies.filter((_, index) => index % step === 0);
  return repeated(`${count} sessions`, product.sso.address, used.map(product.loginStatus));
}

/** The longest response for comparison: of all that a machine does, some always comes in between. */
async function probeQuiet({ product, cookies: [cookie = ''] }: Filled): Promise<number> {
  const { longestMs } = await probeWhile(product, cookie, after(QUIET_SECONDS));
  return longestMs;
}

function after(seconds: number) {
  const endsAtMs = performance.now() + seconds * 1000;
  return { hasStarted: () => true, isDone: () => performance.now() > endsAtMs };
}

async function purge({ product, count, cookies }: Filled): Promise<Cell[][]> {
  await withDatabase(product, (database) => addExpiredTokens(database, count, product.foo.origin));
  await product.sso.start();
  const database = new Database(product.databaseFile, { readonly: true });
  const oldest = database
    .prepare<[], number | null>('SELECT min(expires_at) FROM authentication_token')
    .pluck();
  const first = oldest.get();
  const { seconds, longestMs } = await probeWhile(product, cookies[0] ?? '', {
    hasStarted: () => oldest.get() !== first,
    isDone: () => oldest.get() === null,
  });
  database.close();
  return [
    [`purging ${count} expired tokens, s`, null, seconds, null],
    ['longest response of step 2 meanwhile, ms', null, longestMs, '≤ 50'],
  ];
}

/** Ends sessions for some seconds: all of them would take too long to wait for. */
async function endOverdue({ product, cookies }: Filled): Promise<Cell[][]> {
  await withDatabase(product, (database) =>
    database.prepare('UPDATE sso_session SET ends_at = ? WHERE rowid > ?').run(Date.now(), USED_SESSIONS),
  );
  await product.sso.start();
  const database = new Database(product.databaseFile, { readonly: true });
  const countRows = database.prepare<[], number>('SELECT count(*) FROM sso_session').pluck();
  const before = countRows.get() ?? 0;
  const startedAtMs = performance.now();
  const { longestMs } = await probeWhile(product, cookies[0] ?? '', after(OVERDUE_SECONDS));
  const ended = before - (countRows.get() ?? 0);
  const seconds = (performance.now() - startedAtMs) / 1000;
  database.close();
  return [
    ['ending overdue sessions, per second', null, ended / seconds, '≥ 5,000'],
    ['longest response of step 2 meanwhile, ms', null, longestMs, '≤ 50'],
  ];
}
