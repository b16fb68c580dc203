/** `LoginFailureStore` in SQLite. */
import { setTimeout as delay } from 'node:timers/promises';
import { type SqliteDatabase, workInSlice } from '@samesite-sso/core';
import type { AuditEvent } from '../audit-store.ts';
import type { AuditContext, FailureLimits, ListedLimit, LoginFailureStore, ReachedLimit } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { LONG_SLICE_MS, REST_MS } from './long-slices.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';
import { prepareWrite } from './write.ts';

interface TallyRow {
  network: string;
  /** Null for all accounts. */
  usernameHash: Buffer | null;
  failures: number;
}

/** Sorts before every tally. */
const FIRST_TALLY = { network: '', usernameHash: Buffer.alloc(0) };

/**
 * Stores failures, not counters: a limit of n is reached while the n-th newest failure is within the window.
 * A failure has one row per network of its client. Failures more than a window in the future are ignored:
 * they were counted before the clock was set back, and would lock people out for years.
 */
export function sqliteLoginFailures(database: SqliteDatabase, audit: AuditTrail): LoginFailureStore {
  const { sqlite } = database;
  const nthOfAccount = sqlite.prepare<unknown[], number>(
    `SELECT failed_at FROM login_failure
     WHERE username_hash = :usernameHash AND address = :network AND failed_at > :since AND failed_at <= :until
     ORDER BY failed_at DESC LIMIT 1 OFFSET :offset`,
  );
  const nthOfAddress = sqlite.prepare<unknown[], number>(
    `SELECT failed_at FROM login_failure
     WHERE address = :network AND failed_at > :since AND failed_at <= :until
     ORDER BY failed_at DESC LIMIT 1 OFFSET :offset`,
  );
  nthOfAccount.pluck();
  nthOfAddress.pluck();
  const insert = sqlite.prepare(
    'INSERT INTO login_failure (username_hash, address, failed_at) VALUES (?, ?, ?)',
  );
  const talliesOfAddresses = sqlite.prepare<unknown[], TallyRow>(
    `SELECT address AS network, NULL AS usernameHash, count(*) AS failures FROM login_failure
     WHERE address > :network AND failed_at > :since AND failed_at <= :until
     GROUP BY address ORDER BY address LIMIT ${PAGE_ROWS}`,
  );
  const talliesOfAccounts = sqlite.prepare<unknown[], TallyRow>(
    `SELECT address AS network, username_hash AS usernameHash, count(*) AS failures FROM login_failure
     WHERE (username_hash, address) > (:usernameHash, :network) AND failed_at > :since AND failed_at <= :until
     GROUP BY username_hash, address ORDER BY username_hash, address LIMIT ${PAGE_ROWS}`,
  );
  const MATCHES = `address IN (SELECT value FROM json_each(:networks)) OR username_hash = :usernameHash`;
  // Counts a failure once, however many rows it has.
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
    const window = { since: now - windowMs, until: now + windowMs };
    const reached = networks.flatMap(({ name: network, maxFailuresPerAccount, maxFailures }) => {
      const nth = { usernameHash, network, ...window };
      const ofAccount = nthOfAccount.get({ ...nth, offset: maxFailuresPerAccount - 1 });
      const ofAddress = nthOfAddress.get({ ...nth, offset: maxFailures - 1 });
      return [
        { of: 'account' as const, network, maxFailures: maxFailuresPerAccount, failedAt: ofAccount },
        { of: 'address' as const, network, maxFailures, failedAt: ofAddress },
      ].flatMap(({ failedAt, ...limit }) =>
        failedAt === undefined ? [] : [{ ...limit, until: failedAt + windowMs }],
      );
    });
    return reached.sort((one, other) => other.until - one.until)[0] ?? null;
  };
  const forgetSlice = prepareWrite(
    database,
    (matches: object, event: AuditEvent | null, context: AuditContext) => {
      const batch = (limit: number) => removeMatching.run({ ...matches, limit }).changes;
      const { rows, isDone } = workInSlice([batch], { sliceMs: LONG_SLICE_MS });
      if (rows > 0 && event !== null) audit.append(event, context);
      return { rows, isDone };
    },
  );

  return {
    // Takes the write lock, so that a locked database fails before the slow hash, not after.
    findReached: prepareWrite(database, findReached),
    add: prepareWrite(database, ({ usernameHash, ...record }, limits, context) => {
      const reached = findReached(usernameHash, limits, context.at);
      if (reached !== null) return reached;
      for (const { name } of limits.networks) insert.run(usernameHash, name, context.at);
      audit.append({ kind: 'login failed', ...record }, context);
      return null;
    }),
    async *pages(limitsOf, windowMs, now) {
      const window = { since: now - windowMs, until: now + windowMs };
      const toReached = ({ network, usernameHash, failures }: TallyRow): ListedLimit[] => {
        const limits = limitsOf(network);
        const isOfAddress = usernameHash === null;
        const maxFailures = isOfAddress ? limits.maxFailures : limits.maxFailuresPerAccount;
        const nth = { network, ...window, offset: maxFailures - 1 };
        const failedAt = isOfAddress ? nthOfAddress.get(nth) : nthOfAccount.get({ usernameHash, ...nth });
        if (failedAt === undefined) return [];
        const of = isOfAddress ? 'address' : 'account';
        return [{ of, network, maxFailures, until: failedAt + windowMs, usernameHash, failures }];
      };
      const findOfAddresses = (last?: TallyRow) =>
        talliesOfAddresses.all({ network: last?.network ?? '', ...window });
      const findOfAccounts = (last: Pick<TallyRow, 'network' | 'usernameHash'> = FIRST_TALLY) =>
        talliesOfAccounts.all({ network: last.network, usernameHash: last.usernameHash, ...window });
      for (const find of [findOfAddresses, findOfAccounts]) {
        for await (const page of readPages(database, find)) {
          const reached = await database.run(() => page.flatMap(toReached));
          if (reached.length > 0) yield reached;
        }
      }
    },
    async forget({ networks = [], usernameHash = null }, record, context) {
      const matches = { networks: JSON.stringify(networks), usernameHash };
      // Without the write lock: counting may take longer than sign-ins wait for it.
      const failures = await database.run(() => countMatching.get(matches) ?? 0);
      if (failures === 0) return 0;
      const detail = `${record.detail}: ${failures} failed sign-ins deleted`;
      const event = { kind: 'throttle lifted', accountId: record.accountId, detail } as const;
      // Records the deletion with its first slice. If another process was faster, there is nothing to record.
      for (let isRecorded = false; ; await delay(REST_MS)) {
        const { rows, isDone } = await forgetSlice(matches, isRecorded ? null : event, context);
        isRecorded ||= rows > 0;
        if (isDone) return isRecorded ? failures : 0;
      }
    },
  };
}
