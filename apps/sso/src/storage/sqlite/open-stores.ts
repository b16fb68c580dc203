/** All stores in one SQLite file, for one serving process and the command line beside it. */
import { SqliteDatabase } from '@samesite-sso/core';
import type { Stores, StoresOptions } from '../stores.ts';
import { sqliteAccounts } from './accounts.ts';
import { sqliteAudit } from './audit.ts';
import { prepareAcceptAssertion } from './client-assertions.ts';
import { sqliteFactors } from './factors.ts';
import { sqliteGroups } from './groups.ts';
import { sqliteInvitations } from './invitations.ts';
import { sqliteLoginFailures } from './login-failures.ts';
import { sqliteLogoutNotices } from './logout-notices.ts';
import { sqlitePasskeys } from './passkeys.ts';
import { sqlitePurge } from './purge.ts';
import { sqliteRegistry } from './registry.ts';
import { MIGRATIONS } from './schema.ts';
import { sqliteServiceSecrets } from './service-secrets.ts';
import { sessionEnding } from './session-ending.ts';
import { sqliteSessions } from './sessions.ts';
import { sqliteSigningKeys } from './signing-keys.ts';
import { sqliteTokens } from './tokens.ts';
import { prepareWrite } from './write.ts';

/**
 * @param file the database's path
 * @throws {ConfigError} if it can't be used
 */
export function openSqliteStores(file: string, { clock }: Pick<StoresOptions, 'clock'> = {}): Stores {
  const database = new SqliteDatabase(file, MIGRATIONS);
  const audit = sqliteAudit(database);
  const ending = sessionEnding(database, audit);
  const acceptAssertion = prepareAcceptAssertion(database);
  return {
    accounts: sqliteAccounts(database, audit, ending),
    sessions: sqliteSessions(database, audit, ending),
    tokens: sqliteTokens(database, audit, acceptAssertion),
    logoutNotices: sqliteLogoutNotices(database, audit),
    clientAssertions: { accept: prepareWrite(database, acceptAssertion) },
    loginFailures: sqliteLoginFailures(database, audit),
    groups: sqliteGroups(database, audit),
    factors: sqliteFactors(database, audit, ending),
    passkeys: sqlitePasskeys(database, audit, ending),
    invitations: sqliteInvitations(database, audit, ending),
    serviceSecrets: sqliteServiceSecrets(database),
    audit,
    registry: sqliteRegistry(database),
    signingKeys: sqliteSigningKeys(file, audit, clock),
    purgeExpired: sqlitePurge(database),
    isReady: () => database.isReady(),
    tryWrite: () =>
      database
        .run(() => void database.sqlite.pragma('application_id = 0'))
        .then(
          () => true,
          () => false,
        ),
    close: async () => database.close(),
  };
}
