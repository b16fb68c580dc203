/** `ServiceSecretStore` in SQLite. */
import type { SqliteDatabase } from '@samesite-sso/core';
import type { ServiceSecretStore } from '../stores.ts';
import { prepareWrite } from './write.ts';

export function sqliteServiceSecrets(database: SqliteDatabase): ServiceSecretStore {
  const { sqlite } = database;
  const insert = sqlite.prepare('INSERT OR IGNORE INTO service_secret (name, value) VALUES (?, ?)');
  const find = sqlite.prepare<[string], string>('SELECT value FROM service_secret WHERE name = ?').pluck();
  const replace = sqlite.prepare(
    'UPDATE service_secret SET value = :replacement WHERE name = :name AND value = :value',
  );
  return {
    findOrCreate: async (name, proposed) => {
      // Without the write lock, since the secret is created only once.
      const found = await database.run(() => find.get(name));
      return found ?? (await create(name, proposed));
    },
    replace: prepareWrite(database, (name, value, replacement) => {
      replace.run({ name, value, replacement });
    }),
  };

  function create(name: string, proposed: string): Promise<string> {
    return database.write(() => {
      insert.run(name, proposed);
      return find.get(name) ?? proposed;
    });
  }
}
