/** Failed logins in SQLite: the guarantees are those of `LoginFailureStore`. */
import type { Database } from '@samesite-sso/service';
import type { FailureLimits, LoginFailureStore } from '../stores.ts';
import type { AuditTrail } from './audit.ts';

/**
 * A log of failures rather than a counter: a limit is reached while its n-th newest failure lies within the
 * window, and is over to the millisecond when that one is old enough. Each failure has a row for each network
 * of its client. One that lies further ahead than a window is ignored: it was counted before the clock was
 * set back, and would lock people out for years.
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

  const throttledUntil = (usernameHash: Buffer, { windowMs, networks }: FailureLimits, now: number) => {
    const [since, until] = [now - windowMs, now + windowMs];
    const deciding = networks.flatMap(({ name, maxFailuresPerAccount, maxFailures }) => [
      nthOfAccount.get(usernameHash, name, since, until, maxFailuresPerAccount - 1) ?? 0,
      nthOfAddress.get(name, since, until, maxFailures - 1) ?? 0,
    ]);
    const latest = Math.max(...deciding);
    return latest === 0 ? null : latest + windowMs;
  };
  // Takes the write lock, so that a locked database fails before the slow hash and not after it.
  const ask = sqlite.transaction(throttledUntil);
  const add = sqlite.transaction((...[failure, limits, act]: Parameters<LoginFailureStore['add']>) => {
    const { usernameHash, ...record } = failure;
    const until = throttledUntil(usernameHash, limits, act.at);
    if (until !== null) return until;
    for (const { name } of limits.networks) insert.run(usernameHash, name, act.at);
    audit.append({ kind: 'login failed', ...record }, act);
    return null;
  });

  return {
    throttledUntil: (...question) => database.run(() => ask.immediate(...question)),
    add: (...failure) => database.run(() => add.immediate(...failure)),
  };
}
