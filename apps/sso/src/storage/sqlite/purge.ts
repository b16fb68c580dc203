/** Purges expired rows in SQLite, in slices. */
import { type SqliteDatabase, workInSlice } from '@samesite-sso/core';
import { ASSERTION_MARGIN_MS } from '../client-assertion-store.ts';
import { SHOWN_CHANGES_MS } from '../factor-store.ts';
import { CHALLENGE_MARGIN_MS } from '../session-store.ts';
import type { Stores } from '../stores.ts';

export function sqlitePurge(database: SqliteDatabase): Stores['purgeExpired'] {
  const purge = {
    tokens: preparePurge(database, 'authentication_token', 'expires_at <= :before'),
    assertions: preparePurge(database, 'client_assertion', 'expires_at <= :before'),
    challenges: preparePurge(database, 'spent_challenge', 'expires_at <= :before'),
    invitations: preparePurge(database, 'invitation', 'expires_at <= :before'),
    authenticators: preparePurge(database, 'pending_authenticator', 'expires_at <= :before'),
    failures: preparePurge(database, 'login_failure', 'failed_at <= :before'),
    changes: preparePurge(database, 'factor_change', 'at < :before'),
    audit: preparePurge(database, 'audit_record', 'at < :before'),
  };
  return async ({ now, failuresSince, auditSince }) => {
    const { isDone } = await database.runInBackground(() =>
      workInSlice([
        (limit) => purge.tokens(now, limit),
        (limit) => purge.assertions(now - ASSERTION_MARGIN_MS, limit),
        (limit) => purge.challenges(now - CHALLENGE_MARGIN_MS, limit),
        (limit) => purge.invitations(now, limit),
        (limit) => purge.authenticators(now, limit),
        (limit) => purge.failures(failuresSince, limit),
        (limit) => purge.changes(now - SHOWN_CHANGES_MS, limit),
        (limit) => purge.audit(auditSince, limit),
      ]),
    );
    return !isDone;
  };
}

/** @returns a function that deletes at most `limit` expired rows and returns how many it deleted */
function preparePurge({ sqlite }: SqliteDatabase, table: string, isExpired: string) {
  const purge = sqlite.prepare(
    `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${isExpired} LIMIT :limit)`,
  );
  return (before: number, limit: number) => purge.run({ before, limit }).changes;
}
