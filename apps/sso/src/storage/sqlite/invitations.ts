/** `InvitationStore` in SQLite. */
import type { SqliteDatabase } from '@samesite-sso/core';
import type { Account } from '@samesite-sso/protocol';
import { INVITED_AMR } from '../sign-in-proofs.ts';
import type { AuditContext, InvitationStore } from '../stores.ts';
import { prepareUpdatePassword } from './accounts.ts';
import type { AuditTrail } from './audit.ts';
import { prepareRecordChange, prepareRemoveAuthenticator } from './factor-changes.ts';
import type { SessionEnding } from './session-ending.ts';
import { prepareInsertSession } from './sign-ins.ts';
import { prepareWrite } from './write.ts';

export function sqliteInvitations(
  database: SqliteDatabase,
  audit: AuditTrail,
  ending: SessionEnding,
): InvitationStore {
  const { sqlite } = database;
  const insertSession = prepareInsertSession(database);
  const removeFactors = prepareRemoveFactors(database, audit);
  const store = sqlite.prepare(
    `INSERT INTO invitation (account_id, secret_hash, expires_at)
     SELECT id, :secretHash, :expiresAt FROM account WHERE id = :accountId AND disabled_at IS NULL
     ON CONFLICT (account_id) DO UPDATE
     SET secret_hash = excluded.secret_hash, expires_at = excluded.expires_at`,
  );
  const find = sqlite.prepare<unknown[], Account>(
    `SELECT id, username, display_name AS displayName FROM account
     WHERE disabled_at IS NULL
       AND id = (SELECT account_id FROM invitation WHERE secret_hash = :secretHash AND expires_at > :now)`,
  );
  const remove = sqlite.prepare('DELETE FROM invitation WHERE secret_hash = ?');
  const updatePassword = prepareUpdatePassword(database);

  return {
    create: prepareWrite(database, (invitation, context) => {
      const { accountId } = invitation;
      if (store.run(invitation).changes === 0) return false;
      audit.append({ kind: 'invitation created', accountId }, context);
      return true;
    }),
    find: (secretHash, now) => database.run(() => find.get({ secretHash, now }) ?? null),
    accept: prepareWrite(database, (secretHash, passwordHash, session, presentedTokenHash, context) => {
      const account = find.get({ secretHash, now: context.at });
      if (account === undefined) return false;
      const { id: accountId } = account;
      remove.run(secretHash);
      updatePassword.run({ accountId, passwordHash, passwordVersion: null });
      audit.append({ kind: 'invitation accepted', accountId }, context);
      removeFactors(accountId, context);
      ending.end({ accountId }, 'invitation accepted', context);
      if (presentedTokenHash !== null) {
        ending.end({ tokenHash: presentedTokenHash }, 'replaced by a new login', context);
      }
      insertSession({ ...session, accountId }, INVITED_AMR, context);
      audit.append({ kind: 'session started', accountId, sid: session.sid }, context);
      return true;
    }),
  };
}

/** @returns a function that removes everything but the password that an account can sign in with */
function prepareRemoveFactors(database: SqliteDatabase, audit: AuditTrail) {
  const { sqlite } = database;
  const recordChange = prepareRecordChange(database, audit);
  const removePasskeys = sqlite
    .prepare<[string], string>('DELETE FROM passkey WHERE account_id = ? RETURNING name')
    .pluck();
  const removeAuthenticator = prepareRemoveAuthenticator(database, audit);

  return (accountId: string, context: AuditContext): void => {
    for (const detail of removePasskeys.all(accountId)) {
      recordChange(accountId, { kind: 'passkey removed', detail }, context);
    }
    removeAuthenticator(accountId, context);
  };
}
