/** All that an app stores, and its signing keys, in one PostgreSQL database for any number of instances. */
import { PostgresDatabase, type PostgresUrl, postgresKeyStore, type SealingKeys } from '@samesite-sso/core';
import type { AppStore } from '../app-store.ts';
import { postgresAppSessions } from './app-sessions.ts';
import { postgresEndedSessions } from './ended-sessions.ts';
import { MIGRATIONS } from './schema.ts';
import { postgresSiteSignOuts } from './site-sign-outs.ts';

interface Options {
  sealing: SealingKeys;
  clock?: () => number;
  isServing?: boolean | undefined;
  warn?: (message: string) => void;
}

/** @throws {DatabaseError} if it can't be used */
export async function openPostgresStore(url: PostgresUrl, { sealing, ...options }: Options) {
  const database = await PostgresDatabase.open(url, { program: 'app', migrations: MIGRATIONS, ...options });
  const store: AppStore = {
    sessions: postgresAppSessions(database),
    signOuts: postgresSiteSignOuts(database),
    endedSessions: postgresEndedSessions(database),
    isReady: () => database.isReady(),
    close: () => database.close(),
  };
  const { clock } = options;
  const keys = postgresKeyStore(database, { purpose: 'app signing key', sealing, ...(clock && { clock }) });
  return { store, keys };
}
