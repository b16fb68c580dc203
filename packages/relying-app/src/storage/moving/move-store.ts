/** Moves everything that an app stores, and its keys, from SQLite to PostgreSQL. */
import {
  type Moved,
  moveToPostgres,
  PostgresDatabase,
  type PostgresUrl,
  type SealingKeys,
  type TablePlan,
} from '@samesite-sso/core';
import { MIGRATIONS as POSTGRES_MIGRATIONS } from '../postgres/schema.ts';
import { MIGRATIONS } from '../sqlite/schema.ts';

const TOKEN_HASH = { token_hash: { column: 'secret_hash' } };

const PLANS: readonly TablePlan[] = [
  { name: 'app_session', sources: TOKEN_HASH, descriptive: ['username', 'display_name'] },
  { name: 'replaced_session', sources: TOKEN_HASH },
  // Earlier versions stored no `issued_at`. Their logouts refuse every token of the `sid`.
  {
    name: 'logout_token',
    sources: { issued_at: { column: 'issued_at', convert: (time) => time ?? Number.MAX_SAFE_INTEGER } },
  },
  { name: 'site_sign_out' },
  { name: 'ended_session' },
];

/**
 * @param file path of the SQLite database
 * @throws {ConfigError} if it can't be moved; nothing is moved then, unless the message says otherwise
 */
export function moveStore(file: string, target: PostgresUrl, sealing: SealingKeys): Promise<Moved> {
  return moveToPostgres({
    file,
    migrations: MIGRATIONS,
    plans: PLANS,
    unmoved: [],
    target: String(target),
    openTarget: () => PostgresDatabase.open(target, { program: 'app', migrations: POSTGRES_MIGRATIONS }),
    keys: { purpose: 'app signing key', sealing },
  });
}
