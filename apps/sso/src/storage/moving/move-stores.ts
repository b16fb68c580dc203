/** Moves all stores and the signing keys from SQLite to PostgreSQL. */
import path from 'node:path';
import {
  type Moved,
  moveToPostgres,
  PostgresDatabase,
  type PostgresUrl,
  type SealingKeys,
  type TablePlan,
} from '@samesite-sso/core';
import { postgresAudit } from '../postgres/audit.ts';
import { hashJti } from '../postgres/client-assertions.ts';
import { MIGRATIONS as POSTGRES_MIGRATIONS } from '../postgres/schema.ts';
import { MIGRATIONS } from '../sqlite/schema.ts';
import type { AuditContext } from '../stores.ts';

const PLANS: readonly TablePlan[] = [
  { name: 'account', descriptive: ['display_name'] },
  {
    name: 'sso_session',
    sources: { token_hash: { column: 'secret_hash' } },
    descriptive: ['address', 'user_agent', 'device'],
  },
  { name: 'session_app' },
  { name: 'account_group' },
  { name: 'access_review' },
  { name: 'passkey', descriptive: ['name'] },
  { name: 'spent_challenge' },
  { name: 'authenticator' },
  { name: 'pending_authenticator' },
  { name: 'recovery_code' },
  { name: 'factor_change', descriptive: ['detail'] },
  { name: 'invitation' },
  { name: 'service_secret' },
  { name: 'authentication_token' },
  {
    name: 'client_assertion',
    sources: { jti_hash: { column: 'jti', convert: (jti) => hashJti(String(jti)) } },
  },
  { name: 'login_failure' },
  { name: 'logout_notice' },
  {
    name: 'audit_record',
    descriptive: ['kind', 'act_by', 'address', 'account_id', 'username', 'sid', 'app', 'detail'],
  },
  { name: 'app_server' },
];

/** They belong to running processes. */
const UNMOVED = ['loaded_registry', 'delivery_lease'];

/**
 * @param file path of the SQLite database
 * @throws {ConfigError} if it can't be moved; nothing is moved then, unless the message says otherwise
 */
export function moveStores(
  file: string,
  target: PostgresUrl,
  { sealing, context }: { sealing: SealingKeys; context: AuditContext },
): Promise<Moved> {
  return moveToPostgres({
    file,
    migrations: MIGRATIONS,
    plans: PLANS,
    unmoved: UNMOVED,
    target: String(target),
    openTarget: () => PostgresDatabase.open(target, { program: 'sso', migrations: POSTGRES_MIGRATIONS }),
    keys: { purpose: 'sso signing key', sealing },
    record: (transaction, database) => {
      const event = { kind: 'database moved', detail: path.resolve(file) } as const;
      return postgresAudit(database).append(transaction, event, context);
    },
  });
}
