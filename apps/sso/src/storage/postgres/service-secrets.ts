/** `ServiceSecretStore` in PostgreSQL. */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import type { ServiceSecretStore } from '../stores.ts';

const find = 'SELECT value FROM service_secret WHERE name = $1';
const insert = toStatement<{ name: string; proposed: string }>(
  'INSERT INTO service_secret (name, value) VALUES (:name, :proposed) ON CONFLICT (name) DO NOTHING',
);
const replace = toStatement<{ name: string; value: string; replacement: string }>(
  'UPDATE service_secret SET value = :replacement WHERE name = :name AND value = :value',
);

export function postgresServiceSecrets(database: PostgresDatabase): ServiceSecretStore {
  return {
    findOrCreate: async (name, proposed) => {
      const found = await database.query<{ value: string }>(find, [name]);
      if (found.rows[0] !== undefined) return found.rows[0].value;
      // The insert waits for another instance's. Only a statement after it sees what that one has committed.
      const created = await database.writeAll<{ value: string }>(insert({ name, proposed }), [find, [name]]);
      return created.rows[0]?.value ?? proposed;
    },
    replace: async (name, value, replacement) => {
      await database.write(...replace({ name, value, replacement }));
    },
  };
}
