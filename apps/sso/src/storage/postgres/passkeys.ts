/**
 * `PasskeyStore` in PostgreSQL. Each change first locks the account's row, as the start of a session does
 * (`sign-ins.ts`): the second of the two sees what the first has committed.
 */
import { isStorableText, type PostgresDatabase, toStatement } from '@samesite-sso/core';
import { endReasonForPasskey } from '../own-session.ts';
import { MAX_PASSKEYS_PER_ACCOUNT } from '../passkey-store.ts';
import type { FoundPasskey, Passkey, PasskeyRefusal, PasskeyStore } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { recordChange } from './factor-changes.ts';
import { requireOwnSession } from './own-session.ts';
import { endLocked, runAll } from './session-ending.ts';

interface PasskeyRow extends Omit<Passkey, 'transports'> {
  transports: string;
}

interface FoundRow extends PasskeyRow {
  accountId: string;
  username: string;
  displayName: string;
  userHandle: Buffer;
  isDisabled: boolean;
}

const COLUMNS = `credential_id AS id, rp_id AS "rpId", public_key AS "publicKey", counter, transports,
  is_backup_eligible AS "isBackupEligible", name, passkey.created_at AS "createdAt",
  last_used_at AS "lastUsedAt"`;
const countByRpId = 'SELECT rp_id AS "rpId", count(*) FROM passkey GROUP BY rp_id ORDER BY rp_id LIMIT $1';
const find = `SELECT ${COLUMNS}, account_id AS "accountId", username, display_name AS "displayName",
    user_handle AS "userHandle", disabled_at IS NOT NULL AS "isDisabled"
  FROM passkey JOIN account ON account.id = account_id
  WHERE credential_id = $1 AND user_handle IS NOT NULL`;
const findOfAccount = `SELECT ${COLUMNS} FROM passkey WHERE account_id = $1
  ORDER BY created_at, credential_id`;

const setUserHandle = toStatement<{ accountId: string; proposed: Buffer }>(
  'UPDATE account SET user_handle = :proposed WHERE id = :accountId AND user_handle IS NULL',
);
const findUserHandle = 'SELECT user_handle AS "userHandle" FROM account WHERE id = $1';

const findSpent = 'SELECT FROM spent_challenge WHERE hash = $1';
const insert = toStatement<Record<keyof Omit<PasskeyRow, 'lastUsedAt'> | 'accountId', unknown>>(
  `INSERT INTO passkey (credential_id, account_id, rp_id, public_key, counter, transports,
     is_backup_eligible, name, created_at)
   VALUES (:id, :accountId, :rpId, :publicKey, :counter, :transports, :isBackupEligible, :name, :createdAt)
   ON CONFLICT (credential_id) DO NOTHING RETURNING 1`,
);
const spend = toStatement<{ hash: Buffer; expiresAt: number }>(
  'INSERT INTO spent_challenge (hash, expires_at) VALUES (:hash, :expiresAt)',
);
const remove = toStatement<{ accountId: string; credentialId: string }>(
  'DELETE FROM passkey WHERE credential_id = :credentialId AND account_id = :accountId RETURNING name',
);

export function postgresPasskeys(database: PostgresDatabase, audit: AuditTrail): PasskeyStore {
  return {
    rpIds: async (limit) => {
      const { rows } = await database.query<{ rpId: string; count: number }>(countByRpId, [limit]);
      return rows;
    },
    find: async (credentialId) => {
      if (!isStorableText(credentialId)) return null;
      const { rows } = await database.query<FoundRow>(find, [credentialId]);
      return rows[0] === undefined ? null : toFound(rows[0]);
    },
    of: async (accountId) => {
      const { rows } = await database.query<PasskeyRow>(findOfAccount, [accountId]);
      return rows.map(toPasskey);
    },
    findUserHandle: async (accountId) => {
      const { rows } = await database.query<{ userHandle: Buffer | null }>(findUserHandle, [accountId]);
      return rows[0]?.userHandle ?? null;
    },
    findOrCreateUserHandle: async (accountId, proposed) => {
      const { rows } = await database.writeAll<{ userHandle: Buffer | null }>(
        setUserHandle({ accountId, proposed }),
        [findUserHandle, [accountId]],
      );
      return rows[0]?.userHandle ?? proposed;
    },
    add: (own, passkey, challenge, context) =>
      database.transact(async (transaction): Promise<PasskeyRefusal | null> => {
        const factors = await requireOwnSession(transaction, own, endReasonForPasskey);
        const { accountId } = own;
        // Under the lock of the account: a challenge belongs to one session, and so to one account.
        if ((await transaction.query(findSpent, [challenge.hash])).count > 0) return 'challenge spent';
        if (factors.passkeyCount >= MAX_PASSKEYS_PER_ACCOUNT) return 'too many';
        const row = { ...passkey, transports: passkey.transports.join(' '), accountId };
        // Another account may be adding the same credential.
        if ((await transaction.query(...insert(row))).count === 0) return 'already exists';
        await transaction.query(...spend(challenge));
        const change = { kind: 'passkey added', accountId, detail: passkey.name } as const;
        await recordChange(transaction, audit, change, context);
        if (endReasonForPasskey(factors) !== null) await runAll(transaction, endLocked(context));
        return null;
      }),
    remove: (own, credentialId, context) =>
      database.transact(async (transaction) => {
        await requireOwnSession(transaction, own, () => 'second factor removed');
        if (!isStorableText(credentialId)) return false;
        const { accountId } = own;
        const { rows } = await transaction.query<{ name: string }>(...remove({ accountId, credentialId }));
        if (rows[0] === undefined) return false;
        const change = { kind: 'passkey removed', accountId, detail: rows[0].name } as const;
        await recordChange(transaction, audit, change, context);
        await runAll(transaction, endLocked(context));
        return true;
      }),
  };
}

function toPasskey({ transports, ...row }: PasskeyRow): Passkey {
  return { ...row, transports: transports.split(' ').filter((transport) => transport !== '') };
}

function toFound({ accountId: id, username, displayName, userHandle, isDisabled, ...row }: FoundRow) {
  const account = { id, username, displayName };
  return { ...toPasskey(row), account, userHandle, isDisabled } satisfies FoundPasskey;
}
