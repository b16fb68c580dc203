/**
 * A thousand and a million SSO sessions: step 2, start-up, memory, the size of the database, the command
 * line, and housekeeping, with the longest response of step 2 meanwhile.
 */
import { closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { newFolder } from '../data-folder.ts';
import { MAX_WAIT_SECONDS, probeWhile, secondsUntil } from '../probe.ts';
import { isSignedIn, type Product, startProduct } from '../product.ts';
import { compare, type Plan, sendRepeatedly } from '../rounds.ts';
import { residentMebibytes, runCommand } from '../run-command.ts';
import { addAccounts, addExpiredTokens, addSessions } from '../sessions.ts';
import { quartiles } from '../statistics.ts';
import type { Cell, Table } from '../table.ts';

const SESSIONS_PER_ACCOUNT = 5;
/** Sessions that step 2 uses in turn. */
const USED_SESSION_COUNT = 10_000;
const MEGABYTE = 1_000_000;

export async function scale(plan: Plan): Promise<Table> {
  const small = await fill(await startProduct(), 1000);
  const large = await fill(await startProduct(), plan.isQuick ? 20_000 : 1_000_000);
  const both = [small, large];
  const starts = [await timeStarts(small, plan.rounds), await timeStarts(large, plan.rounds)];
  const [, loginStatus] = await compare(both.map(toSubject), plan);
  const memory = both.map(({ product }) => residentMebibytes(product.sso.pid));
  const sizes = both.map(({ product }) => statSync(product.database).size / MEGABYTE);
  const measuredSeconds = plan.rounds * plan.roundSeconds;
  const rows: Cell[][] = [
    ['step 2, ratio', 1, loginStatus?.ratio ?? null, '≥ 0.87'],
    ['start-up, s', ...starts, null],
    ['memory after step 2, MiB', ...memory, null],
    ['database, MB', ...sizes, null],
    // For comparison: on any machine, something interrupts now and then.
    [
      'longest response of step 2 without background work, ms',
      null,
      await probeFor(large, measuredSeconds),
      null,
    ],
    ...(await timeCommand(small, large, 'account list')),
    ...(await timeCommand(small, large, 'session list')),
    ...(await timeCommand(small, large, 'session list --json')),
    ...(await timeCommand(small, large, 'backup', () => [join(newFolder('backup'), 'copy.db')])),
    ...(plan.isQuick ? [] : await purge(large)),
    ...(await endOverdue(large, measuredSeconds)),
  ];
  const headings = both.map(({ count }) => `${count.toLocaleString('en-US')} sessions`);
  return { headings: ['', ...headings, 'goal'], rows };
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
  const database = new Database(product.database);
  database.pragma('synchronous = OFF');
  const result = change(database);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  syncToDisk(product.database); // Otherwise the service's first sync would wait for all of this.
  return result;
}

function syncToDisk(file: string): void {
  const descriptor = openSync(file, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

async function timeStarts({ product: { sso } }: Filled, count: number): Promise<Cell> {
  const seconds: number[] = [];
  for (let start = 1; start <= count; start += 1) {
    await sso.stop();
    const startedAtMs = performance.now();
    await sso.start();
    seconds.push((performance.now() - startedAtMs) / 1000);
  }
  return quartiles(seconds);
}

function toSubject({ product, count, cookies }: Filled) {
  const step = Math.max(1, Math.floor(count / USED_SESSION_COUNT));
  const used = cookies.filter((_, index) => index % step === 0);
  return sendRepeatedly(`${count}`, product.sso.address, used.map(product.loginStatus), isSignedIn);
}

async function probeFor({ product, cookies: [cookie = ''] }: Filled, seconds: number): Promise<number> {
  return (await probeWhile(product, cookie, () => delay(seconds * 1000))).longestMs;
}

/** @param parameters makes those that differ in each run */
async function timeCommand(
  small: Filled,
  large: Filled,
  command: string,
  parameters: () => readonly string[] = () => [],
): Promise<Cell[][]> {
  const run = ({ product }: Filled) => runCommand(product, ...command.split(' '), ...parameters());
  const alone = await run(small);
  const { result, longestMs } = await probeWhile(large.product, large.cookies[0] ?? '', () => run(large));
  return [[`\`${command}\``, alone, result, null], longestResponse(longestMs)];
}

function longestResponse(longestMs: number): Cell[] {
  return ['longest response of step 2 meanwhile, ms', null, longestMs, '≤ 50'];
}

async function purge({ product, count, cookies }: Filled): Promise<Cell[][]> {
  await withDatabase(product, (database) => addExpiredTokens(database, count, product.foo.origin));
  await product.sso.start();
  const database = new Database(product.database, { readonly: true });
  const oldest = database
    .prepare<[], number | null>('SELECT min(expires_at) FROM authentication_token')
    .pluck();
  const first = oldest.get();
  if ((await secondsUntil(() => oldest.get() !== first)) === null) {
    throw new Error(`no token was purged within ${MAX_WAIT_SECONDS} s`);
  }
  const { result: seconds, longestMs } = await probeWhile(product, cookies[0] ?? '', () =>
    secondsUntil(() => oldest.get() === null),
  );
  database.close();
  return [
    [
      `purging ${count.toLocaleString('en-US')} expired tokens, s`,
      null,
      seconds ?? `> ${MAX_WAIT_SECONDS}`,
      null,
    ],
    longestResponse(longestMs),
  ];
}

/** Measures for some seconds only: ending all sessions would take too long. */
async function endOverdue(filled: Filled, measuredSeconds: number): Promise<Cell[][]> {
  const { product } = filled;
  await withDatabase(product, (database) => {
    database.exec('DELETE FROM authentication_token'); // The service would purge the rest meanwhile.
    database
      .prepare('UPDATE sso_session SET ends_at = ? WHERE rowid > ?')
      .run(Date.now(), USED_SESSION_COUNT);
  });
  await product.sso.start();
  const database = new Database(product.database, { readonly: true });
  const countRows = database.prepare<[], number>('SELECT count(*) FROM sso_session').pluck();
  const before = countRows.get() ?? 0;
  const startedAtMs = performance.now();
  const longestMs = await probeFor(filled, measuredSeconds);
  const ended = before - (countRows.get() ?? 0);
  const seconds = (performance.now() - startedAtMs) / 1000;
  database.close();
  return [
    ['ending overdue sessions, per second', null, ended / seconds, '≥ 5,000'],
    longestResponse(longestMs),
  ];
}
