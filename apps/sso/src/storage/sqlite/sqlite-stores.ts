/** All stores in one SQLite file, for one serving process and the command line beside it. */
import { Database, workInSlice } from '@samesite-sso/core';
import type { LoadedRegistryStore, Stores } from '../stores.ts';
import { MIGRATIONS } from './schema.ts';
import { sessionEnding } from './session-ending.ts';
import { sqliteAccounts } from './sqlite-accounts.ts';
import { sqliteAudit } from './sqlite-audit.ts';
import { prepareAcceptAssertion } from './sqlite-client-assertions.ts';
import { sqliteLoginFailures } from './sqlite-login-failures.ts';
import { sqliteLogoutNotices } from './sqlite-logout-notices.ts';
import { sqliteSessions } from './sqlite-sessions.ts';
import { sqliteTokens } from './sqlite-tokens.ts';
import { prepareWrite } from './write.ts';

/** Client assertions are remembered this long after they expire, in case the clock is set back. */
const ASSERTION_MARGIN_MS = 3_600_000;

/**
 * @param file the database's path
 * @throws {ConfigError} if it can't be used
 */
export function openSqliteStores(file: string): Stores {
  const database = new Database(file, MIGRATIONS);
  const audit = sqliteAudit(database);
  const ending = sessionEnding(database, audit);
  const purge = {
    tokens: preparePurge(database, 'authentication_token', 'expires_at <= :before'),
    assertions: preparePurge(database, 'client_assertion', 'expires_at <= :before'),
    failures: preparePurge(database, 'login_failure', 'failed_at <= :before'),
    audit: preparePurge(database, 'audit_record', 'at < :before'),
  };
  const acceptAssertion = prepareAcceptAssertion(database);
  return {
    accounts: sqliteAccounts(database, audit, ending),
    sessions: sqliteSessions(database, audit, ending),
    tokens: sqliteTokens(database, audit, acceptAssertion),
    logoutNotices: sqliteLogoutNotices(database, audit),
    clientAssertions: { accept: prepareWrite(database, acceptAssertion) },
    loginFailures: sqliteLoginFailures(database, audit),
    audit,
    loadedRegistry: sqliteLoadedRegistry(database),
    purgeExpired: async ({ now, failuresSince, auditSince }) => {
      const { isDone } = await database.runInBackground(() =>
        workInSlice([
          (limit) => purge.tokens(now, limit),
          (limit) => purge.assertions(now - ASSERTION_MARGIN_MS, limit),
          (limit) => purge.failures(failuresSince, limit),
          (limit) => purge.audit(auditSince, limit),
        ]),
      );
      return !isDone;
    },
    isReady: () => database.isReady(),
    tryWrite: () => database.run(() => void database.sqlite.pragma('application_id = 0')).catch(() => {}),
    close: () => database.close(),
  };
}

/** @returns a function that deletes at most `limit` expired rows and returns how many it deleted */
function preparePurge({ sqlite }: Database, table: string, isExpired: string) {
  const purge = sqlite.prepare(
    `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${isExpired} LIMIT :limit)`,
  );
  return (before: number, limit: number) => purge.run({ before, limit }).changes;
}

function sqliteLoadedRegistry(database: Database): LoadedRegistryStore {
  const { sqlite } = database;
  const clear = sqlite.prepare('DELETE FROM loaded_registry WHERE instance = ?');
  const insert = sqlite.prepare('INSERT INTO loaded_registry (instance, apps, loaded_at) VALUES (?, ?, ?)');
  const find = sqlite.prepare<[], { apps: string; loadedAt: number }>(
    'SELECT apps, loaded_at AS loadedAt FROM loaded_registry',
  );
  return {
    record: prepareWrite(database, (instance, apps, at) => {
      sqlite.exec('DELETE FROM loaded_registry');
      insert.run(instance, JSON.stringify(apps), at);
    }),
    clear: (instance) => database.write(() => void clear.run(instance)),
    find: () =>
      database.run(() => {
        const row = find.get();
        return row === undefined ? null : { apps: JSON.parse(row.apps), loadedAt: row.loadedAt };
      }),
  };
}
