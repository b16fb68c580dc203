/** The start and the renewal of a session in SQLite, within the caller's transaction. */
import type { SqliteDatabase } from '@samesite-sso/core';
import { FACTOR_DETAILS, toStoredAmr } from '../sign-in-proofs.ts';
import type { AuditContext, NewSession, SessionStore, SignInProof } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import { prepareConsumeProof } from './consume-proof.ts';
import type { SessionEnding } from './session-ending.ts';

type SignInResult = Awaited<ReturnType<SessionStore['start']>>;

export function prepareSignIn(database: SqliteDatabase, audit: AuditTrail, ending: SessionEnding) {
  const { sqlite } = database;
  const consumeProof = prepareConsumeProof(database, audit);
  const findPasskeyName = sqlite
    .prepare<[string], string>('SELECT name FROM passkey WHERE credential_id = ?')
    .pluck();
  const describeFactor = (proof: SignInProof): string => {
    const factor = FACTOR_DETAILS[proof.kind];
    return proof.kind === 'passkey' ? `${factor}: ${findPasskeyName.get(proof.credentialId)}` : factor;
  };
  const insertSession = prepareInsertSession(database);
  const renew = sqlite.prepare<unknown[], { sid: string; endsAt: number }>(
    `UPDATE sso_session
       SET secret_hash = :tokenHash, replaced_token_hash = secret_hash, last_seen_at = max(last_seen_at, :at),
         authenticated_at = :at, amr = :amr, address = :address, user_agent = :userAgent, device = :device
       WHERE (secret_hash = :presentedTokenHash OR replaced_token_hash = :presentedTokenHash)
         AND account_id = :accountId AND ends_at > :at AND last_seen_at > :idleSince
       RETURNING sid, ends_at AS endsAt`,
  );

  return (
    session: NewSession,
    presentedTokenHash: Buffer | null,
    idleSince: number,
    context: AuditContext,
  ): SignInResult => {
    const { accountId, proof } = session;
    const refusal = consumeProof(accountId, proof, context);
    if (refusal !== null) return { refusal };
    const detail = describeFactor(proof);
    audit.append({ kind: 'login succeeded', accountId, detail }, context);
    const amr = toStoredAmr(proof);
    const renewed = renew.get({ ...session, amr, presentedTokenHash, idleSince, ...context });
    if (renewed !== undefined) {
      audit.append({ kind: 'session reauthenticated', sid: renewed.sid, detail }, context);
      return renewed;
    }
    const { sid, endsAt } = session;
    insertSession(session, amr, context);
    if (presentedTokenHash !== null) {
      ending.end({ tokenHash: presentedTokenHash }, 'replaced by a new login', context);
    }
    audit.append({ kind: 'session started', accountId, sid }, context);
    ending.endSurplus({ accountId, sid }, context);
    return { sid, endsAt };
  };
}

export function prepareInsertSession({ sqlite }: SqliteDatabase) {
  const insert = sqlite.prepare(
    `INSERT INTO sso_session (sid, secret_hash, account_id, started_at, last_seen_at, ends_at,
       authenticated_at, amr, address, user_agent, device)
     VALUES (:sid, :tokenHash, :accountId, :at, :at, :endsAt, :at, :amr, :address, :userAgent, :device)`,
  );
  return (session: Omit<NewSession, 'proof'>, amr: string, context: AuditContext): void =>
    void insert.run({ ...session, amr, ...context });
}
