/** Failed logins in SQLite: the guarantees are those of `LoginFailureStore`. */
import type { Database } from '@samesite-sso/service';
import type { FailureLimits, LoginFailureStore } from '../stores.ts';
import type { AuditTrail } from './audit.ts';

/**
 * A log of failures rather than a counter: a limit is reached while its n-th newest failure lies within the
 * window, and is over to the millisecond when that one has aged. A failure that lies further ahead than a window was
 * counted before the clock was set back: it would lock people out until that time comes again, which may be years.
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

  const throttledUntil = (usernameHash: Buffer, network: string, now: number, limits: FailureLimits) => {
    const [since, until] = [now - limits.windowMilliseconds, now + limits.windowMilliseconds];
    const deciding = Math.max(
      nthOfAccount.get(usernameHash, network, since, until, limits.perAccount - 1) ?? 0,
      nthOfAddress.get(network, since, until, limits.perAddress - 1) ?? 0,
    );
    return deciding === 0 ? null : deciding + limits.windowMilliseconds;
  };
  // Under the lock that counting a failure would take: where that cannot be had, nobody waits for a password to be checked first.
  const ask = sqlite.transaction(throttledUntil);
  const add = sqlite.transaction((...[failure, limits, act]: Parameters<LoginFailureStore['add']>) => {
    const { usernameHash, network, ...about } = failure;
    const until = throttledUntil(usernameHash, network, act.at, limits);
    if (until !== null) return until;
    insert.run(usernameHash, network, act.at);
    audit.append({ kind: 'login failed', ...about }, act);
    return null;
  });

  return {
    throttledUntil: (...question) => database.run(() => ask.immediate(...question)),
    add: (...failure) => database.run(() => add.immediate(...failure)),
  };
}
