/** `RegistryStore` in PostgreSQL, which several instances share. */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import type { LoadedRegistry, RegistryStore } from '../stores.ts';

/** The record of an instance that was killed isn't needed for longer. */
const RECORD_MAX_AGE_MS = 3_600_000;

/**
 * An instance that still has an older registry repeats its record every minute, and mustn't bring an older
 * server back. Servers are in order, so that instances can't deadlock.
 */
const record = toStatement<{ instance: string; apps: string; loadedAt: number; seenAt: number }>(
  `WITH old AS (
     DELETE FROM loaded_registry WHERE instance IN (
       SELECT instance FROM loaded_registry
       WHERE instance <> :instance AND abs(seen_at - :seenAt) > ${RECORD_MAX_AGE_MS}
       FOR UPDATE SKIP LOCKED
     )
   ), server AS (
     INSERT INTO app_server (app, server, loaded_at)
     SELECT origin, server, :loadedAt FROM json_to_recordset(:apps::json) AS loaded (origin text, server text)
     ORDER BY origin
     ON CONFLICT (app) DO UPDATE SET server = excluded.server, loaded_at = excluded.loaded_at
     WHERE app_server.loaded_at < excluded.loaded_at OR app_server.loaded_at > :seenAt
   )
   INSERT INTO loaded_registry (instance, apps, loaded_at, seen_at)
   VALUES (:instance, :apps, :loadedAt, :seenAt)
   ON CONFLICT (instance) DO UPDATE
   SET apps = excluded.apps, loaded_at = excluded.loaded_at, seen_at = excluded.seen_at`,
);
const clear = toStatement<{ instance: string }>('DELETE FROM loaded_registry WHERE instance = :instance');
const find = toStatement<{ seenSince: number }>(
  `SELECT instance, apps, loaded_at AS "loadedAt" FROM loaded_registry WHERE seen_at >= :seenSince
   ORDER BY instance`,
);

export function postgresRegistry(database: PostgresDatabase): RegistryStore {
  return {
    record: async ({ apps, ...loaded }, seenAt) => {
      await database.write(...record({ ...loaded, apps: JSON.stringify(apps), seenAt }));
    },
    clear: async (instance) => void (await database.write(...clear({ instance }))),
    find: async (seenSince) => {
      const { rows } = await database.query<{ instance: string; apps: string; loadedAt: number }>(
        ...find({ seenSince }),
      );
      return rows.map(({ apps, ...row }): LoadedRegistry => ({ ...row, apps: JSON.parse(apps) }));
    },
    servers: async () => {
      const { rows } = await database.query<{ app: string; server: string }>(
        'SELECT app, server FROM app_server',
      );
      return new Map(rows.map(({ app, server }) => [app, server]));
    },
  };
}
