/** All that an app stores, in one SQLite file that the app's processes on one host share. */
import { SqliteDatabase } from '@samesite-sso/core';
import type { AppStore } from '../app-store.ts';
import { sqliteAppSessions } from './app-sessions.ts';
import { sqliteEndedSessions } from './ended-sessions.ts';
import { MIGRATIONS } from './schema.ts';
import { sqliteSiteSignOuts } from './site-sign-outs.ts';

/**
 * @param file the database's path
 * @throws {DatabaseError} if it can't be used
 */
export function openSqliteStore(file: string): AppStore {
  const database = new SqliteDatabase(file, MIGRATIONS);
  return {
    sessions: sqliteAppSessions(database),
    signOuts: sqliteSiteSignOuts(database),
    endedSessions: sqliteEndedSessions(database),
    isReady: () => database.isReady(),
    close: async () => database.close(),
  };
}
