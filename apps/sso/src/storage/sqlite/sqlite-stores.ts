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

/**
 * @param file the database's path
 * @throws {StartFault} when it cannot be used
 */
export function openSqliteStores(file: string): Stores {
  const database = new Database(file, MIGRATIONS);
  const { sqlite } = database;
  const audit = sqliteAudit(database);
  const ending = sessionEnding(database, audit);
  const sweeps = {
    tokens: sqlite.prepare('DELETE FROM authentication_token WHERE expires_at <= ?'),
    assertions: sqlite.prepare('DELETE FROM client_assertion WHERE expires_at <= ?'),
    failures: sqlite.prepare('DELETE FROM login_failure WHERE failed_at <= ?'),
    audit: sqlite.prepare('DELETE FROM audit_record WHERE at < ?'),
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
        sweeps.tokens.run(now);
        sweeps.assertions.run(now);
        sweeps.failures.run(failuresSince);
        sweeps.audit.run(auditSince);
      }),
    isReady: () => database.isReady(),
    close: () => database.close(),
  };
}
