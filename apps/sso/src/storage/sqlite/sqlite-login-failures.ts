/** `LoginFailureStore` in SQLite. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@samesite-sso/core';
import type { AuditEvent } from '../audit-store.ts';
import type { AuditContext, FailureLimits, ListedLimit, LoginFailureStore, ReachedLimit } from '../stores.ts';
import { LONG_SLICE_MS, PAGE_ROWS, REST_MS, workInSlice } from './slices.ts';
import type { AuditTrail } from './sqlite-audit.ts';

interface TallyRow {
  network: string;
  usernameHash: Buffer;
  failures: number;
}

/**
 * Stores failures, not counters: a limit of n is reached while the n-th newest failure is within the window.
 * A failure has one row per network of its client. Failures more than a window in the future are ignored:
 * they were counted before the clock was set back, and would lock people out for years.
 */
export function sqliteLoginFailures(database: Database, audit: AuditTrail): LoginFailureStore {
  const { sqlite } = database;
  const nthOfAccount = sqlite.prepare<unknown[], number>(
    `SELECT failed_at FROM login_failure
     WHERE username_hash = ? AND address = ? AND failed_at > ? AND failed_at <= ?
     ORDER BY failed_at DESC LIMIT 1 OFFSET ?`,
  );
  const nthOfAddress = sqlite.prepare<unknown[], number>(
    `SELECT failed_at FROM login_failure WHERE address = ? AND failed_at > ? AND failed_at <= ?
     ORDER BY failed_at DESC LIMIT 1 OFFSET ?`,
  );
  nthOfAccount.pluck();
  nthOfAddress.pluck();
  const insert = sqlite.prepare(
    'INSERT INTO login_failure (username_hash, address, failed_at) VALUES (?, ?, ?)',
  );
  const talliesOfAddresses = sqlite.prepare<unknown[], Omit<TallyRow, 'usernameHash'>>(
    `SELECT address AS network, count(*) AS failures FROM login_failure
     WHERE address > :network AND failed_at > :since AND failed_at <= :until
     GROUP BY address ORDER BY address LIMIT ${PAGE_ROWS}`,
  );
  const talliesOfAccounts = sqlite.prepare<unknown[], TallyRow>(
    `SELECT address AS network, username_hash AS usernameHash, count(*) AS failures FROM login_failure
     WHERE (username_hash, address) > (:usernameHash, :network) AND failed_at > :since AND failed_at <= :until
     GROUP BY username_hash, address ORDER BY username_hash, address LIMIT ${PAGE_ROWS}`,
  );
  const MATCHES = `address IN (SELECT value FROM json_each(:networks)) OR username_hash = :usernameHash`;
  // Counts a failure once, whatever its number of rows.
  const countMatching = sqlite.prepare<unknown[], number>(
    `SELECT count(*) FROM (SELECT DISTINCT username_hash, failed_at FROM login_failure WHERE ${MATCHES})`,
  );
  countMatching.pluck();
  const removeMatching = sqlite.prepare(
    `DELETE FROM login_failure WHERE rowid IN
       (SELECT rowid FROM login_failure WHERE ${MATCHES} LIMIT :limit)`,
  );

  const findReached = (
    usernameHash: Buffer,
    { windowMs, networks }: FailureLimits,
    now: number,
  ): ReachedLimit | null => {
    const [since, until] = [now - windowMs, now + windowMs];
    const reached = networks.flatMap(({ name: network, maxFailuresPerAccount, maxFailures }) => {
      const ofAccount = nthOfAccount.get(usernameHash, network, since, until, maxFailuresPerAccount - 1);
      const ofAddress = nthOfAddress.get(network, since, until, maxFailures - 1);
      return [
        { of: 'account' as const, network, maxFailures: maxFailuresPerAccount, failedAt: ofAccount },
        { of: 'address' as const, network, maxFailures, failedAt: ofAddress },
      ].flatMap(({ failedAt, ...limit }) =>
        failedAt === undefined ? [] : [{ ...limit, until: failedAt + windowMs }],
      );
    });
    return reached.sort((one, other) => other.until - one.until)[0] ?? null;
  };
  // Takes the write lock, so that a locked database fails before the slow hash, not after.
  const findLocked = sqlite.transaction(findReached);
  const add = sqlite.transaction((...[failure, limits, context]: Parameters<LoginFailureStore['add']>) => {
    const { usernameHash, ...record } = failure;
    const reached = findReached(usernameHash, limits, context.at);
    if (reached !== null) return reached;
    for (const { name } of limits.networks) insert.run(usernameHash, name, context.at);
    audit.append({ kind: 'login failed', ...record }, context);
    return null;
  });
  const forgetSlice = sqlite.transaction(
    (matches: object, event: AuditEvent | null, context: AuditContext) => {
      const batch = (limit: number) => removeMatching.run({ ...matches, limit }).changes;
      const { rows, isDone } = workInSlice([batch], { sliceMs: LONG_SLICE_MS });
      if (rows > 0 && event !== null) audit.append(event, context);
      return { rows, isDone };
    },
  );

  async function forget(
    ...[choice, record, context]: Parameters<LoginFailureStore['forget']>
  ): Promise<number> {
    const { networks = [], usernameHash = null } = choice;
    const matches = { networks: JSON.stringify(networks), usernameHash };
    // Without the write lock: counting may take longer than sign-ins wait for it.
    const failures = await database.run(() => countMatching.get(matches) ?? 0);
    if (failures === 0) return 0;
    const detail = `${record.detail}: ${failures} failed sign-ins deleted`;
    const event = { kind: 'throttle lifted', accountId: record.accountId, detail } as const;
    const runSlice = (toRecord: AuditEvent | null) =>
      database.run(() => forgetSlice.immediate(matches, toRecord, context));
    // Records the deletion with its first slice. If another process was faster, there is nothing to record.
    for (let isRecorded = false; ; await pause(REST_MS)) {
      const { rows, isDone } = await runSlice(isRecorded ? null : event);
      isRecorded ||= rows > 0;
      if (isDone) return isRecorded ? failures : 0;
    }
  }

  async function* pages(
    ...[limitsOf, windowMs, now]: Parameters<LoginFailureStore['pages']>
  ): AsyncGenerator<ListedLimit[]> {
    const window = { since: now - windowMs, until: now + windowMs };
    const { since, until } = window;
    const ofAddress = (tally: Omit<TallyRow, 'usernameHash'>): ListedLimit[] => {
      const { maxFailures } = limitsOf(tally.network);
      const failedAt = nthOfAddress.get(tally.network, since, until, maxFailures - 1);
      if (failedAt === undefined) return [];
      return [{ of: 'address', maxFailures, until: failedAt + windowMs, usernameHash: null, ...tally }];
    };
    const ofAccount = (tally: TallyRow): ListedLimit[] => {
      const { maxFailuresPerAccount: maxFailures } = limitsOf(tally.network);
      const failedAt = nthOfAccount.get(tally.usernameHash, tally.network, since, until, maxFailures - 1);
      if (failedAt === undefined) return [];
      return [{ of: 'account', maxFailures, until: failedAt + windowMs, ...tally }];
    };
    for (let isMore = true, network = ''; isMore; ) {
      const page = await database.run(() => {
        const tallies = talliesOfAddresses.all({ network, ...window });
        isMore = tallies.length === PAGE_ROWS;
        network = tallies.at(-1)?.network ?? '';
        return tallies.flatMap(ofAddress);
      });
      if (page.length > 0) yield page;
    }
    const first: Pick<TallyRow, 'network' | 'usernameHash'> = { network: '', usernameHash: Buffer.alloc(0) };
    for (let isMore = true, last = first; isMore; ) {
      const page = await database.run(() => {
        const { network, usernameHash } = last;
        const tallies = talliesOfAccounts.all({ network, usernameHash, ...window });
        isMore = tallies.length === PAGE_ROWS;
        last = tallies.at(-1) ?? last;
        return tallies.flatMap(ofAccount);
      });
      if (page.length > 0) yield page;
    }
  }

  return {
    findReached: (...query) => database.run(() => findLocked.immediate(...query)),
    add: (...failure) => database.run(() => add.immediate(...failure)),
    pages,
    forget,
  };
}
