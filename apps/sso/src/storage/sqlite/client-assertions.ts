import type { SqliteDatabase } from '@samesite-sso/core';
import type { ClientAssertion } from '../stores.ts';

/**
 * @returns a function that accepts an assertion within the caller's transaction, and returns false if it was
 *   used before
 */
export function prepareAcceptAssertion({ sqlite }: SqliteDatabase): (assertion: ClientAssertion) => boolean {
  const insert = sqlite.prepare(
    `INSERT INTO client_assertion (app, jti, expires_at) VALUES (:app, :jti, :expiresAt)
     ON CONFLICT (app, jti) DO NOTHING`,
  );
  return (assertion) => insert.run(assertion).changes === 1;
}
