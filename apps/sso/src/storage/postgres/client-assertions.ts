/** `ClientAssertionStore` in PostgreSQL. Redeeming a token accepts an assertion too: see `tokens.ts`. */
import { createHash } from 'node:crypto';
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import type { ClientAssertionStore } from '../stores.ts';

const accept = toStatement<Record<'app' | 'jtiHash' | 'expiresAt', unknown>>(
  `INSERT INTO client_assertion (app, jti_hash, expires_at) VALUES (:app, :jtiHash, :expiresAt)
   ON CONFLICT (app, jti_hash) DO NOTHING`,
);

export function postgresClientAssertions(database: PostgresDatabase): ClientAssertionStore {
  return {
    accept: async ({ app, jti, expiresAt }) => {
      const { count } = await database.write(...accept({ app, jtiHash: hashJti(jti), expiresAt }));
      return count === 1;
    },
  };
}

/** The app chooses the `jti`: it may contain half a surrogate pair, or U+0000, which can't be stored. */
export function hashJti(jti: string): Buffer {
  return createHash('sha256').update(jti, 'utf16le').digest();
}
