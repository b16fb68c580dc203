/** All stores in one PostgreSQL database, for any number of serving processes and the command line. */
import { PostgresDatabase, type PostgresUrl } from '@samesite-sso/core';
import type { Stores, StoresOptions } from '../stores.ts';
import { postgresAccounts } from './accounts.ts';
import { postgresAudit } from './audit.ts';
import { postgresClientAssertions } from './client-assertions.ts';
import { postgresFactors } from './factors.ts';
import { postgresGroups } from './groups.ts';
import { postgresInvitations } from './invitations.ts';
import { postgresLoginFailures } from './login-failures.ts';
import { postgresLogoutNotices } from './logout-notices.ts';
import { postgresPasskeys } from './passkeys.ts';
import { postgresPurge } from './purge.ts';
import { postgresRegistry } from './registry.ts';
import { MIGRATIONS } from './schema.ts';
import { postgresServiceSecrets } from './service-secrets.ts';
import { postgresSessions } from './sessions.ts';
import { postgresSigningKeys } from './signing-keys.ts';
import { postgresTokens } from './tokens.ts';

/** @throws {ConfigError} if the database can't be used */
export async function openPostgresStores(
  url: PostgresUrl,
  { sealing = null, ...options }: StoresOptions = {},
): Promise<Stores> {
  const database = await PostgresDatabase.open(url, { program: 'sso', migrations: MIGRATIONS, ...options });
  const audit = postgresAudit(database);
  return {
    accounts: postgresAccounts(database, audit, options.isServing ?? false),
    sessions: postgresSessions(database),
    tokens: postgresTokens(database),
    logoutNotices: postgresLogoutNotices(database),
    clientAssertions: postgresClientAssertions(database),
    loginFailures: postgresLoginFailures(database),
    groups: postgresGroups(database),
    factors: postgresFactors(database, audit),
    passkeys: postgresPasskeys(database, audit),
    invitations: postgresInvitations(database, audit),
    serviceSecrets: postgresServiceSecrets(database),
    audit,
    registry: postgresRegistry(database),
    signingKeys: postgresSigningKeys(database, audit, { sealing, clock: options.clock }),
    purgeExpired: postgresPurge(database),
    isReady: () => database.isReady(),
    tryWrite: () =>
      database.write('UPDATE samesite_sso_schema SET version = version WHERE FALSE').then(
        () => true,
        () => false,
      ),
    close: () => database.close(),
  };
}
