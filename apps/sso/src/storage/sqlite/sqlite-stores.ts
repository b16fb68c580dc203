/** The stores on SQLite: one file, one process that serves, and the command line beside it. */
import { Database } from '@samesite-sso/service';
import type { Stores } from '../stores.ts';
import { sqliteAccounts } from './accounts.ts';
import { sqliteAudit } from './audit.ts';
import { sqliteClientAssertions } from './client-assertions.ts';
import { sqliteLoginFailures } from './login-failures.ts';
import { sqliteLogoutNotices } from './logout-notices.ts';
import { MIGRATIONS } from './schema.ts';
import { sessionEnding } from './session-ending.ts';
import { sqliteSessions } from './sessions.ts';
import { sqliteTokens } from './tokens.ts';

/** Rows of one table that one call forgets: whoever asks meanwhile waits for that long. */
const SWEPT_AT_ONCE = 1000;

/**
 * Milliseconds for which a client assertion is known beyond its end: were the clock set back by so much, it could be
 * used again.
 */
const SET_BACK = 3_600_000;

/**
 * @param file the database's path
 * @throws {StartFault} when it cannot be used
 */
export function openSqliteStores(file: string): Stores {
  const database = new Database(file, MIGRATIONS);
  const audit = sqliteAudit(database);
  const ending = sessionEnding(database, audit);
  const sweeps = {
    tokens: sweeping(database, 'authentication_token', 'expires_at <= ?'),
    assertions: sweeping(database, 'client_assertion', 'expires_at <= ?'),
    failures: sweeping(database, 'login_failure', 'failed_at <= ?'),
    audit: sweeping(database, 'audit_record', 'at < ?'),
  };
  return {
    accounts: sqliteAccounts(database, audit, ending),
    sessions: sqliteSessions(database, audit, ending),
    tokens: sqliteTokens(database, audit),
    logoutNotices: sqliteLogoutNotices(database, audit),
    clientAssertions: sqliteClientAssertions(database),
    loginFailures: sqliteLoginFailures(database, audit),
    audit,
    sweep: ({ now, failuresSince, auditSince }) =>
      database.run(() => {
        const swept = [
          sweeps.tokens(now),
          sweeps.assertions(now - SET_BACK),
          sweeps.failures(failuresSince),
          sweeps.audit(auditSince),
        ];
        return swept.some((rows) => rows === SWEPT_AT_ONCE);
      }),
    isReady: () => database.isReady(),
    close: () => database.close(),
  };
}

/** @returns a function that forgets rows that are over, and says how many */
function sweeping({ sqlite }: Database, table: string, isOver: string): (time: number) => number {
  const sweep = sqlite.prepare(
    `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${isOver} LIMIT ${SWEPT_AT_ONCE})`,
  );
  return (time) => sweep.run(time).changes;
}
