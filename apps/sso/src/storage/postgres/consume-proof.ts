/**
 * Consumes what was verified at a sign-in, in PostgreSQL. One statement locks the account. The next one sees
 * what other instances had committed by then, and checks again what the proof was verified against. Every
 * change of an account's factors locks the account first.
 *
 * The second statement stores the refusal in a setting of the transaction, where the following ones find it.
 */
import { type Statement, toStatement } from '@samesite-sso/core';
import type { AuditContext, SignInProof } from '../stores.ts';
import { lockAccount } from './lock-account.ts';

const SETTING = 'samesite_sso.sign_in_refusal';
/** The refusal as an expression; an empty text without one. */
export const REFUSAL = `current_setting('${SETTING}')`;
const storeRefusal = (refusal: string) => `SELECT set_config('${SETTING}', coalesce(${refusal}, ''), TRUE)`;

const UNCHANGED = 'EXISTS (SELECT FROM account WHERE id = :accountId AND disabled_at IS NULL)';
const UNCHANGED_PASSWORD = `EXISTS (
  SELECT FROM account
  WHERE id = :accountId AND disabled_at IS NULL AND password_version = :passwordVersion)`;
const HAS_AUTHENTICATOR = 'EXISTS (SELECT FROM authenticator WHERE account_id = :accountId)';
const storeCodeRefusal = storeRefusal(
  `CASE WHEN NOT ${UNCHANGED_PASSWORD} OR NOT ${HAS_AUTHENTICATOR} THEN 'account changed'
     WHEN NOT EXISTS (SELECT FROM used) THEN 'code used' END`,
);

type PasswordValues = { accountId: string; passwordVersion: number };

const checkPassword = toStatement<PasswordValues>(
  storeRefusal(`CASE WHEN NOT ${UNCHANGED_PASSWORD} OR ${HAS_AUTHENTICATOR} THEN 'account changed' END`),
);

// Another authenticator app may have replaced the one that showed the code.
const consumeStep = toStatement<PasswordValues & { step: number; sealedSecret: string }>(
  `WITH used AS (
     UPDATE authenticator SET last_step = :step
     WHERE account_id = :accountId AND sealed_secret = :sealedSecret AND last_step < :step
       AND ${UNCHANGED_PASSWORD}
     RETURNING account_id
   )
   ${storeCodeRefusal}`,
);

const consumeCode = toStatement<PasswordValues & AuditContext & { hash: Buffer }>(
  `WITH used AS (
     DELETE FROM recovery_code
     WHERE account_id = :accountId AND hash = :hash AND ${UNCHANGED_PASSWORD} AND ${HAS_AUTHENTICATOR}
     RETURNING account_id
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username)
     SELECT :at::bigint, 'recovery code used', :actor, :address, id, username
     FROM used JOIN account ON id = account_id
   )
   ${storeCodeRefusal}`,
);

// A challenge that was spent before is found first, so that a replay isn't taken for a cloned authenticator.
// Another account may spend the same challenge at this moment: the insertion waits for its transaction.
const consumePasskey = toStatement<{
  accountId: string;
  credentialId: string;
  counter: number;
  hash: Buffer;
  expiresAt: number;
  at: number;
}>(
  `WITH known AS (
     SELECT counter FROM passkey
     WHERE credential_id = :credentialId AND account_id = :accountId AND ${UNCHANGED}
     FOR NO KEY UPDATE
   ), accepted AS (
     SELECT FROM known WHERE :counter::bigint > counter OR (:counter = 0 AND counter = 0)
   ), spent AS (
     INSERT INTO spent_challenge (hash, expires_at) SELECT :hash::bytea, :expiresAt::bigint FROM accepted
     ON CONFLICT (hash) DO NOTHING
     RETURNING hash
   ), used AS (
     UPDATE passkey SET counter = :counter, last_used_at = :at
     WHERE credential_id = :credentialId AND EXISTS (SELECT FROM spent)
   )
   ${storeRefusal(
     `CASE WHEN NOT EXISTS (SELECT FROM known) THEN 'account changed'
        WHEN EXISTS (SELECT FROM spent_challenge WHERE hash = :hash) THEN 'challenge spent'
        WHEN NOT EXISTS (SELECT FROM accepted) THEN 'counter not higher'
        WHEN NOT EXISTS (SELECT FROM spent) THEN 'challenge spent' END`,
   )}`,
);

/** The statements that consume a proof, or store why not. */
export function consumeProof(accountId: string, proof: SignInProof, context: AuditContext): Statement[] {
  return [[lockAccount, [accountId]], toConsume(accountId, proof, context)];
}

function toConsume(accountId: string, proof: SignInProof, context: AuditContext): Statement {
  switch (proof.kind) {
    case 'password':
      return checkPassword({ accountId, ...proof });
    case 'authenticator':
      return consumeStep({ accountId, ...proof });
    case 'recovery code':
      return consumeCode({ accountId, ...proof, ...context });
    case 'passkey':
      return consumePasskey({ accountId, ...proof, ...proof.challenge, at: context.at });
  }
}
