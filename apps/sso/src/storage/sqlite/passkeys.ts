/** `PasskeyStore` in SQLite. */
import { isStorableText, type SqliteDatabase } from '@samesite-sso/core';
import { endReasonForPasskey } from '../own-session.ts';
import { MAX_PASSKEYS_PER_ACCOUNT } from '../passkey-store.ts';
import type { FoundPasskey, Passkey, PasskeyStore } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { prepareRecordChange } from './factor-changes.ts';
import { prepareRequireOwnSession } from './own-session.ts';
import type { SessionEnding } from './session-ending.ts';
import { prepareSpentChallenges } from './spent-challenges.ts';
import { prepareWrite } from './write.ts';

interface PasskeyRow extends Omit<Passkey, 'transports' | 'isBackupEligible'> {
  transports: string;
  isBackupEligible: 0 | 1;
}

interface FoundRow extends PasskeyRow {
  accountId: string;
  username: string;
  displayName: string;
  userHandle: Buffer;
  isDisabled: 0 | 1;
}

const COLUMNS = `credential_id AS id, rp_id AS rpId, public_key AS publicKey, counter, transports,
  is_backup_eligible AS isBackupEligible, name, passkey.created_at AS createdAt,
  last_used_at AS lastUsedAt`;

export function sqlitePasskeys(
  database: SqliteDatabase,
  audit: AuditTrail,
  ending: SessionEnding,
): PasskeyStore {
  const { sqlite } = database;
  const countByRpId = sqlite.prepare<[number], { rpId: string; count: number }>(
    'SELECT rp_id AS rpId, count(*) AS count FROM passkey GROUP BY rp_id ORDER BY rp_id LIMIT ?',
  );
  const find = sqlite.prepare<[string], FoundRow>(
    `SELECT ${COLUMNS}, account_id AS accountId, username, display_name AS displayName,
       user_handle AS userHandle, disabled_at IS NOT NULL AS isDisabled
     FROM passkey JOIN account ON account.id = account_id
     WHERE credential_id = ? AND user_handle IS NOT NULL`,
  );
  const findOfAccount = sqlite.prepare<[string], PasskeyRow>(
    `SELECT ${COLUMNS} FROM passkey WHERE account_id = ? ORDER BY created_at, rowid`,
  );
  const setUserHandle = sqlite.prepare(
    'UPDATE account SET user_handle = :proposed WHERE id = :accountId AND user_handle IS NULL',
  );
  const findUserHandle = sqlite
    .prepare<[string], Buffer | null>('SELECT user_handle FROM account WHERE id = ?')
    .pluck();
  const challenges = prepareSpentChallenges(database);
  const findId = sqlite.prepare<[string], 1>('SELECT 1 FROM passkey WHERE credential_id = ?');
  const requireOwnSession = prepareRequireOwnSession(database);
  const insert = sqlite.prepare(
    `INSERT INTO passkey (credential_id, account_id, rp_id, public_key, counter, transports,
       is_backup_eligible, name, created_at)
     VALUES (:id, :accountId, :rpId, :publicKey, :counter, :transports, :isBackupEligible, :name,
       :createdAt)`,
  );
  const remove = sqlite
    .prepare<unknown[], string>(
      'DELETE FROM passkey WHERE credential_id = :credentialId AND account_id = :accountId RETURNING name',
    )
    .pluck();
  const recordChange = prepareRecordChange(database, audit);

  return {
    rpIds: (limit) => database.run(() => countByRpId.all(limit)),
    find: (credentialId) =>
      database.run(() => {
        const row = isStorableText(credentialId) ? find.get(credentialId) : undefined;
        return row === undefined ? null : toFound(row);
      }),
    of: (accountId) => database.run(() => findOfAccount.all(accountId).map(toPasskey)),
    findUserHandle: (accountId) => database.run(() => findUserHandle.get(accountId) ?? null),
    findOrCreateUserHandle: prepareWrite(database, (accountId, proposed) => {
      setUserHandle.run({ accountId, proposed });
      return findUserHandle.get(accountId) ?? proposed;
    }),
    add: prepareWrite(database, (own, passkey, challenge, context) => {
      const factors = requireOwnSession(own);
      const { accountId, sid } = own;
      if (challenges.isSpent(challenge)) return 'challenge spent';
      if (findId.get(passkey.id) !== undefined) return 'already exists';
      if (factors.passkeyCount >= MAX_PASSKEYS_PER_ACCOUNT) return 'too many';
      challenges.spend(challenge);
      const { isBackupEligible, transports } = passkey;
      const row = { isBackupEligible: isBackupEligible ? 1 : 0, transports: transports.join(' ') };
      insert.run({ ...passkey, ...row, accountId });
      recordChange(accountId, { kind: 'passkey added', detail: passkey.name }, context);
      const reason = endReasonForPasskey(factors);
      if (reason !== null) ending.end({ accountId, exceptSid: sid }, reason, context);
      return null;
    }),
    remove: prepareWrite(database, (own, credentialId, context) => {
      requireOwnSession(own);
      if (!isStorableText(credentialId)) return false;
      const { accountId, sid } = own;
      const name = remove.get({ accountId, credentialId });
      if (name === undefined) return false;
      recordChange(accountId, { kind: 'passkey removed', detail: name }, context);
      ending.end({ accountId, exceptSid: sid }, 'second factor removed', context);
      return true;
    }),
  };
}

function toPasskey({ transports, isBackupEligible, ...row }: PasskeyRow): Passkey {
  return {
    ...row,
    transports: transports.split(' ').filter((transport) => transport !== ''),
    isBackupEligible: isBackupEligible === 1,
  };
}

function toFound({
  accountId: id,
  username,
  displayName,
  userHandle,
  isDisabled,
  ...row
}: FoundRow): FoundPasskey {
  const account = { id, username, displayName };
  return { ...toPasskey(row), account, userHandle, isDisabled: isDisabled === 1 };
}
