/** `ClientAssertionStore` in SQLite. */
import type { Database } from '@samesite-sso/core';
import type { ClientAssertionStore } from '../stores.ts';

export function sqliteClientAssertions(database: Database): ClientAssertionStore {
  const accept = database.sqlite.prepare(
    'INSERT INTO client_assertion (app, jti, expires_at) VALUES (?, ?, ?) ON CONFLICT (app, jti) DO NOTHING',
  );
  return {
    accept: (app, jti, expiresAt) => database.run(() => accept.run(app, jti, expiresAt).changes === 1),
  };
}
