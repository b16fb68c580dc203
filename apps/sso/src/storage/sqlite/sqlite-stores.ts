/** The stores on SQLite: one file, one process that serves, and the command line beside it. */
import { Database } from '@samesite-sso/service';
import type { Stores } from '../stores.ts';
import { sqliteAccounts } from './accounts.ts';
import { sqliteClientAssertions } from './client-assertions.ts';
import { sqliteLoginFailures } from './login-failures.ts';
import { MIGRATIONS } from './schema.ts';
import { sqliteSessions } from './sessions.ts';
import { sqliteTokens } from './tokens.ts';

/**
 * @param file the database's path
 * @throws {StartFault} when it cannot be used
 */
export function openSqliteStores(file: string): Stores {
  const database = new Database(file, MIGRATIONS);
  const { sqlite } = database;
  const sweeps = {
    sessions: sqlite.prepare('DELETE FROM sso_session WHERE ends_at <= :now OR last_seen_at <= :idleSince'),
    tokens: sqlite.prepare('DELETE FROM authentication_token WHERE expires_at <= ?'),
    assertions: sqlite.prepare('DELETE FROM client_assertion WHERE expires_at <= ?'),
    failures: sqlite.prepare('DELETE FROM login_failure WHERE failed_at <= ?'),
  };
  return {
    accounts: sqliteAccounts(database),
    sessions: sqliteSessions(database),
    tokens: sqliteTokens(database),
    clientAssertions: sqliteClientAssertions(database),
    loginFailures: sqliteLoginFailures(database),
    sweep: ({ now, idleSince, failuresSince }) =>
      database.run(() => {
        sweeps.sessions.run({ now, idleSince });
        sweeps.tokens.run(now);
        sweeps.assertions.run(now);
        sweeps.failures.run(failuresSince);
      }),
    isReady: () => database.isReady(),
    close: () => database.close(),
  };
}
