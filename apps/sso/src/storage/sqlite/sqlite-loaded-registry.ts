/** `LoadedRegistryStore` in SQLite. */
import type { Database } from '@samesite-sso/core';
import type { LoadedRegistryStore } from '../stores.ts';
import { prepareWrite } from './write.ts';

export function sqliteLoadedRegistry(database: Database): LoadedRegistryStore {
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
    clear: (instance) => database.run(() => void clear.run(instance)),
    find: () =>
      database.run(() => {
        const row = find.get();
        return row === undefined ? null : { apps: JSON.parse(row.apps), loadedAt: row.loadedAt };
      }),
  };
}
