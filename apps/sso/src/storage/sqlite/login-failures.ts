/** Failed logins in SQLite: the guarantees are those of `LoginFailureStore`. */
import type { Database } from '@samesite-sso/service';
import type { FailureLimits, LoginFailureStore } from '../stores.ts';

/**
 * A log of failures rather than a counter: a limit is reached while its n-th newest failure lies within the
 * window, and is over to the millisecond when that one has aged.
 */
export function sqliteLoginFailures(database: Database): LoginFailureStore {
  const { sqlite } = database;
  const nthOfAccount = sqlite.prepare<[Buffer, string, number, number], number>(
    `SELECT failed_at FROM login_failure WHERE username_hash = ? AND address = ? AND failed_at > ?
     ORDER BY failed_at DESC LIMIT 1 OFFSET ?`,
  );
  const nthOfAddress = sqlite.prepare<[string, number, number], number>(
    `SELECT failed_at FROM login_failure WHERE address = ? AND failed_at > ?
     ORDER BY failed_at DESC LIMIT 1 OFFSET ?`,
  );
  nthOfAccount.pluck();
  nthOfAddress.pluck();
  const insert = sqlite.prepare(
    'INSERT INTO login_failure (username_hash, address, failed_at) VALUES (?, ?, ?)',
  );

  const throttledUntil = (usernameHash: Buffer, address: string, now: number, limits: FailureLimits) => {
    const since = now - limits.windowMilliseconds;
    const deciding = Math.max(
      nthOfAccount.get(usernameHash, address, since, limits.perAccount - 1) ?? 0,
      nthOfAddress.get(address, since, limits.perAddress - 1) ?? 0,
    );
    return deciding === 0 ? null : deciding + limits.windowMilliseconds;
  };
  const add = sqlite.transaction(
    (usernameHash: Buffer, address: string, now: number, limits: FailureLimits) => {
      const until = throttledUntil(usernameHash, address, now, limits);
      if (until === null) insert.run(usernameHash, address, now);
      return until;
    },
  );

  return {
    throttledUntil: (...question) => database.run(() => throttledUntil(...question)),
    add: (...failure) => database.run(() => add.immediate(...failure)),
  };
}
