/** Consumes what was verified at a sign-in, in SQLite. */
import type { SqliteDatabase } from '@samesite-sso/core';
import type { AuditContext, SignInProof, StartRefusal } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { prepareSpentChallenges } from './spent-challenges.ts';

type PasskeyProof = Extract<SignInProof, { kind: 'passkey' }>;

/**
 * The proof was verified before this transaction, so check again what it was verified against.
 *
 * @returns a function that returns why nothing was consumed, or null
 */
export function prepareConsumeProof(database: SqliteDatabase, audit: AuditTrail) {
  const { sqlite } = database;
  const findUnchanged = sqlite.prepare(
    `SELECT 1 FROM account WHERE id = :accountId AND disabled_at IS NULL
       AND (:passwordVersion IS NULL OR password_version = :passwordVersion)`,
  );
  const findAuthenticator = sqlite.prepare('SELECT 1 FROM authenticator WHERE account_id = ?');
  // Another authenticator app may have replaced the one that showed the code.
  const advanceStep = sqlite.prepare(
    `UPDATE authenticator SET last_step = :step
     WHERE account_id = :accountId AND sealed_secret = :sealedSecret AND last_step < :step`,
  );
  const deleteCode = sqlite.prepare(
    'DELETE FROM recovery_code WHERE account_id = :accountId AND hash = :hash',
  );
  const findCounter = sqlite
    .prepare<unknown[], number>(
      'SELECT counter FROM passkey WHERE credential_id = :credentialId AND account_id = :accountId',
    )
    .pluck();
  const challenges = prepareSpentChallenges(database);
  const recordUse = sqlite.prepare(
    'UPDATE passkey SET counter = :counter, last_used_at = :at WHERE credential_id = :credentialId',
  );

  const consumePasskey = (
    accountId: string,
    { credentialId, counter, challenge }: PasskeyProof,
    { at }: AuditContext,
  ): StartRefusal | null => {
    const lastCounter = findCounter.get({ accountId, credentialId });
    if (lastCounter === undefined) return 'account changed';
    // First, so that a replay isn't taken for a cloned authenticator.
    if (challenges.isSpent(challenge)) return 'challenge spent';
    if (counter <= lastCounter && (counter > 0 || lastCounter > 0)) return 'counter not higher';
    challenges.spend(challenge);
    recordUse.run({ credentialId, counter, at });
    return null;
  };

  return (accountId: string, proof: SignInProof, context: AuditContext): StartRefusal | null => {
    const passwordVersion = 'passwordVersion' in proof ? proof.passwordVersion : null;
    if (findUnchanged.get({ accountId, passwordVersion }) === undefined) return 'account changed';
    if (proof.kind === 'passkey') return consumePasskey(accountId, proof, context);
    const hasAuthenticator = findAuthenticator.get(accountId) !== undefined;
    if (proof.kind === 'password') return hasAuthenticator ? 'account changed' : null;
    if (!hasAuthenticator) return 'account changed';
    if (proof.kind === 'authenticator') {
      const { step, sealedSecret } = proof;
      return advanceStep.run({ accountId, step, sealedSecret }).changes === 0 ? 'code used' : null;
    }
    if (deleteCode.run({ accountId, hash: proof.hash }).changes === 0) return 'code used';
    audit.append({ kind: 'recovery code used', accountId }, context);
    return null;
  };
}
