/** Lists the limits on failed sign-ins that are reached, for operators. */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import type { ListedLimit, NetworkLimits } from '../stores.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';

interface Tally {
  network: string;
  /** Null for all accounts. */
  usernameHash: Buffer | null;
  failures: number;
}

interface Window {
  since: number;
  until: number;
}

/** Sorts before every tally. */
const FIRST_TALLY = { network: '', usernameHash: Buffer.alloc(0) };

const IS_IN_WINDOW = 'failed_at > :since AND failed_at <= :until';
const talliesOfAddresses = toStatement<Window & { network: string }>(
  `SELECT address AS network, NULL::bytea AS "usernameHash", count(*) AS failures FROM login_failure
   WHERE address > :network AND ${IS_IN_WINDOW}
   GROUP BY address ORDER BY address LIMIT ${PAGE_ROWS}`,
);
const talliesOfAccounts = toStatement<Window & Omit<Tally, 'failures'>>(
  `SELECT address AS network, username_hash AS "usernameHash", count(*) AS failures FROM login_failure
   WHERE (username_hash, address) > (:usernameHash, :network) AND ${IS_IN_WINDOW}
   GROUP BY username_hash, address ORDER BY username_hash, address LIMIT ${PAGE_ROWS}`,
);
/** For each tally, the failure that reached its limit: null if it was deleted meanwhile. */
const findNth = toStatement<Window & { networks: string[]; hashes: (Buffer | null)[]; limits: number[] }>(
  `SELECT (
     SELECT failed_at FROM login_failure
     WHERE address = network AND (hash IS NULL OR username_hash = hash) AND ${IS_IN_WINDOW}
     ORDER BY failed_at DESC LIMIT 1 OFFSET maximum - 1
   ) AS "failedAt"
   FROM unnest(:networks::text[], :hashes::bytea[], :limits::bigint[]) WITH ORDINALITY
     AS tally (network, hash, maximum, position)
   ORDER BY position`,
);

export async function* pagesOfReachedLimits(
  database: PostgresDatabase,
  limitsOf: (network: string) => NetworkLimits,
  windowMs: number,
  now: number,
): AsyncGenerator<ListedLimit[]> {
  const window = { since: now - windowMs, until: now + windowMs };
  const findOfAddresses = (last?: Tally) =>
    database.query<Tally>(...talliesOfAddresses({ network: last?.network ?? '', ...window }));
  const findOfAccounts = ({ network, usernameHash }: Omit<Tally, 'failures'> = FIRST_TALLY) =>
    database.query<Tally>(...talliesOfAccounts({ network, usernameHash, ...window }));
  for (const find of [findOfAddresses, findOfAccounts]) {
    for await (const page of readPages(find)) {
      const limits = page.flatMap((tally) => {
        const { network, usernameHash, failures } = tally;
        const of = usernameHash === null ? ('address' as const) : ('account' as const);
        const { maxFailures: ofAddress, maxFailuresPerAccount } = limitsOf(network);
        const maxFailures = of === 'address' ? ofAddress : maxFailuresPerAccount;
        return failures < maxFailures ? [] : [{ ...tally, of, maxFailures }];
      });
      if (limits.length === 0) continue;
      const { rows } = await database.query<{ failedAt: number | null }>(
        ...findNth({
          networks: limits.map(({ network }) => network),
          hashes: limits.map(({ usernameHash }) => usernameHash),
          limits: limits.map(({ maxFailures }) => maxFailures),
          ...window,
        }),
      );
      const reached = limits.flatMap((limit, index): ListedLimit[] => {
        const failedAt = rows[index]?.failedAt ?? null;
        return failedAt === null ? [] : [{ ...limit, until: failedAt + windowMs }];
      });
      if (reached.length > 0) yield reached;
    }
  }
}
