/** `RegistryStore` in SQLite, which one instance uses at a time. */
import type { SqliteDatabase } from '@samesite-sso/core';
import type { LoadedRegistry, RegistryStore } from '../stores.ts';
import { prepareWrite } from './write.ts';

export function sqliteRegistry(database: SqliteDatabase): RegistryStore {
  const { sqlite } = database;
  const removeOthers = sqlite.prepare('DELETE FROM loaded_registry WHERE instance <> ?');
  const removeTheirLeases = sqlite.prepare('DELETE FROM delivery_lease WHERE holder <> ?');
  const upsert = sqlite.prepare(
    `INSERT INTO loaded_registry (instance, apps, loaded_at, seen_at)
     VALUES (:instance, :apps, :loadedAt, :seenAt)
     ON CONFLICT (instance) DO UPDATE
     SET apps = excluded.apps, loaded_at = excluded.loaded_at, seen_at = excluded.seen_at`,
  );
  const upsertServers = sqlite.prepare(
    `INSERT INTO app_server (app, server, loaded_at)
     SELECT value ->> 'origin', value ->> 'server', :loadedAt FROM json_each(:apps) WHERE TRUE
     ON CONFLICT (app) DO UPDATE SET server = excluded.server, loaded_at = excluded.loaded_at
     WHERE app_server.loaded_at < excluded.loaded_at OR app_server.loaded_at > :seenAt`,
  );
  const clear = sqlite.prepare('DELETE FROM loaded_registry WHERE instance = ?');
  const find = sqlite.prepare<[number], { instance: string; apps: string; loadedAt: number }>(
    `SELECT instance, apps, loaded_at AS loadedAt FROM loaded_registry WHERE seen_at >= ? ORDER BY instance`,
  );
  const findServers = sqlite.prepare<[], [string, string]>('SELECT app, server FROM app_server').raw();

  return {
    record: prepareWrite(database, ({ instance, apps, loadedAt }, seenAt) => {
      const loaded = { instance, apps: JSON.stringify(apps), loadedAt };
      removeOthers.run(instance);
      removeTheirLeases.run(instance); // So that after a crash, notices don't wait for the leases to end.
      upsert.run({ ...loaded, seenAt });
      upsertServers.run({ ...loaded, seenAt });
    }),
    clear: (instance) => database.write(() => void clear.run(instance)),
    find: (seenSince) =>
      database.run(() =>
        find.all(seenSince).map(({ apps, ...row }): LoadedRegistry => ({ ...row, apps: JSON.parse(apps) })),
      ),
    servers: () => database.run(() => new Map(findServers.all())),
  };
}
