/**
 * `InvitationStore` in PostgreSQL. Accepting an invitation first locks the account, like every other change
 * of how it signs in.
 */
import { type PostgresDatabase, type Transaction, toStatement, toStorableText } from '@samesite-sso/core';
import type { Account } from '@samesite-sso/protocol';
import { INVITED_AMR } from '../sign-in-proofs.ts';
import type { AuditContext, InvitationStore } from '../stores.ts';
import { setPassword } from './accounts.ts';
import type { AuditTrail } from './audit.ts';
import { recordChange, removeAuthenticator } from './factor-changes.ts';
import { endLocked, lockForInvited, runAll } from './session-ending.ts';
import { insertSession } from './sign-ins.ts';

// The lock waits for another instance that sets the password or disables the account. Either deletes the
// invitation that exists by then, and no later one.
const create = toStatement<Parameters<InvitationStore['create']>[0] & AuditContext>(
  `WITH person AS (
     SELECT id, username FROM account WHERE id = :accountId AND disabled_at IS NULL FOR NO KEY UPDATE
   ), stored AS (
     INSERT INTO invitation (account_id, secret_hash, expires_at)
     SELECT id, :secretHash::bytea, :expiresAt::bigint FROM person
     ON CONFLICT (account_id) DO UPDATE
     SET secret_hash = excluded.secret_hash, expires_at = excluded.expires_at
   )
   INSERT INTO audit_record (at, kind, act_by, address, account_id, username)
   SELECT :at::bigint, 'invitation created', :actor, :address, id, username FROM person`,
);
const find = toStatement<{ secretHash: Buffer; now: number }>(
  `SELECT account.id, username, display_name AS "displayName"
   FROM invitation JOIN account ON account.id = account_id
   WHERE secret_hash = :secretHash AND expires_at > :now AND disabled_at IS NULL`,
);
const lock = 'SELECT FROM account WHERE id = $1 AND disabled_at IS NULL FOR NO KEY UPDATE';
const remove = toStatement<{ secretHash: Buffer; now: number }>(
  'DELETE FROM invitation WHERE secret_hash = :secretHash AND expires_at > :now',
);
const removePasskeys = 'DELETE FROM passkey WHERE account_id = $1 RETURNING name';

export function postgresInvitations(database: PostgresDatabase, audit: AuditTrail): InvitationStore {
  /** Removes everything but the password that an account can sign in with. */
  async function removeFactors(transaction: Transaction, accountId: string, context: AuditContext) {
    const passkeys = await transaction.query<{ name: string }>(removePasskeys, [accountId]);
    for (const { name: detail } of passkeys.rows) {
      await recordChange(transaction, audit, { kind: 'passkey removed', accountId, detail }, context);
    }
    await removeAuthenticator(transaction, audit, accountId, context);
  }

  return {
    create: async (invitation, context) => {
      const { count } = await database.write(...create({ ...invitation, ...context }));
      return count > 0;
    },
    find: async (secretHash, now) =>
      (await database.query<Account>(...find({ secretHash, now }))).rows[0] ?? null,
    accept: (secretHash, passwordHash, session, presentedTokenHash, context) =>
      database.transact(async (transaction) => {
        const invitation = { secretHash, now: context.at };
        const [account] = (await transaction.query<Account>(...find(invitation))).rows;
        if (account === undefined) return false;
        const { id: accountId } = account;
        if ((await transaction.query(lock, [accountId])).count === 0) return false;
        // Another instance may have accepted or replaced it while the lock was waited for.
        if ((await transaction.query(...remove(invitation))).count === 0) return false;
        await transaction.query(...lockForInvited({ accountId, presentedTokenHash }));
        await transaction.query(...setPassword({ accountId, passwordHash }));
        await audit.append(transaction, { kind: 'invitation accepted', accountId }, context);
        await removeFactors(transaction, accountId, context);
        await runAll(transaction, endLocked(context));
        const userAgent = toStorableText(session.userAgent);
        const started = { ...session, userAgent, accountId, amr: INVITED_AMR, ...context };
        await transaction.query(...insertSession(started));
        const event = { kind: 'session started', accountId, sid: session.sid } as const;
        await audit.append(transaction, event, context);
        return true;
      }),
  };
}
