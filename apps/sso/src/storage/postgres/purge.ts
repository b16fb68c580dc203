/** Purges expired rows in PostgreSQL, in slices. Instances that purge at once take different rows. */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import { ASSERTION_MARGIN_MS } from '../client-assertion-store.ts';
import { SHOWN_CHANGES_MS } from '../factor-store.ts';
import { CHALLENGE_MARGIN_MS } from '../session-store.ts';
import type { Stores } from '../stores.ts';
import { SLICE_ROWS } from './slices.ts';

const tokens = preparePurge('authentication_token', 'expires_at <= :before');
const assertions = preparePurge('client_assertion', 'expires_at <= :before');
const challenges = preparePurge('spent_challenge', 'expires_at <= :before');
const invitations = preparePurge('invitation', 'expires_at <= :before');
const authenticators = preparePurge('pending_authenticator', 'expires_at <= :before');
const failures = preparePurge('login_failure', 'failed_at <= :before');
const changes = preparePurge('factor_change', 'at < :before');
const records = preparePurge('audit_record', 'at < :before');

export function postgresPurge(database: PostgresDatabase): Stores['purgeExpired'] {
  return async ({ now, failuresSince, auditSince }) => {
    if (!(await database.isOnTime())) return false;
    let limit = SLICE_ROWS;
    for (const [purge, before] of [
      [tokens, now],
      [assertions, now - ASSERTION_MARGIN_MS],
      [challenges, now - CHALLENGE_MARGIN_MS],
      [invitations, now],
      [authenticators, now],
      [failures, failuresSince],
      [changes, now - SHOWN_CHANGES_MS],
      [records, auditSince],
    ] as const) {
      limit -= (await database.write(...purge({ before, limit }))).count;
      if (limit === 0) return true;
    }
    return false;
  };
}

/** @returns a statement that deletes at most `limit` expired rows */
function preparePurge(table: string, isExpired: string) {
  return toStatement<{ before: number; limit: number }>(
    `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM ${table} WHERE ${isExpired} LIMIT :limit FOR UPDATE SKIP LOCKED))`,
  );
}
