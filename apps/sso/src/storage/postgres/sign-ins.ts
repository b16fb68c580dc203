/** The start and the renewal of a session in PostgreSQL, in one round trip. */
import { type PostgresDatabase, toStatement, toStorableText } from '@samesite-sso/core';
import { FACTOR_DETAILS, toStoredAmr } from '../sign-in-proofs.ts';
import type { AuditContext, NewSession, SessionStore, StartRefusal } from '../stores.ts';
import { consumeProof, REFUSAL } from './consume-proof.ts';
import { endLocked, lockReplaced } from './session-ending.ts';

type InsertedSession = Omit<NewSession, 'proof'> & { amr: string } & AuditContext;

const INSERT = `INSERT INTO sso_session (sid, token_hash, account_id, started_at, last_seen_at, ends_at,
    authenticated_at, amr, address, user_agent, device)
  SELECT :sid, :tokenHash::bytea, :accountId, :at::bigint, :at::bigint, :endsAt::bigint, :at::bigint, :amr,
    :address, :userAgent, :device`;

/** Starts a session of an account that the caller has locked. */
export const insertSession = toStatement<InsertedSession>(INSERT);

// The account is locked, so that its later changes find this session, and so that no other start counts the
// account's sessions without it.
const signIn = toStatement<
  InsertedSession & {
    presentedTokenHash: Buffer | null;
    idleSince: number;
    factor: string;
    /** Null unless it is a passkey. */
    credentialId: string | null;
  }
>(
  `WITH person AS (
     SELECT id, username FROM account WHERE id = :accountId AND ${REFUSAL} = ''
   ), renewed AS (
     UPDATE sso_session
     SET token_hash = :tokenHash, replaced_token_hash = token_hash,
       last_seen_at = greatest(last_seen_at, :at), authenticated_at = :at, amr = :amr,
       address = :address, user_agent = :userAgent, device = :device
     FROM person
     WHERE (token_hash = :presentedTokenHash OR replaced_token_hash = :presentedTokenHash)
       AND account_id = person.id AND ends_at > :at AND last_seen_at > :idleSince
     RETURNING sid
   ), started AS (
     ${INSERT} FROM person WHERE NOT EXISTS (SELECT FROM renewed)
     RETURNING sid
   ), factor AS (
     SELECT concat_ws(': ', :factor::text, (SELECT name FROM passkey WHERE credential_id = :credentialId))
       AS detail
   )
   INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, detail)
   SELECT :at::bigint, kind, :actor, :address, id, username, event.sid, event.detail
   FROM person, (
     SELECT 1 AS position, 'login succeeded' AS kind, NULL AS sid, detail FROM factor
     UNION ALL SELECT 2, 'session reauthenticated', sid, detail FROM renewed, factor
     UNION ALL SELECT 2, 'session started', sid, NULL FROM started
   ) AS event
   ORDER BY position`,
);
const findOutcome = toStatement<{ tokenHash: Buffer }>(
  `SELECT ${REFUSAL} AS refusal, sid, ends_at AS "endsAt"
   FROM (SELECT TRUE) AS outcome LEFT JOIN sso_session ON token_hash = :tokenHash`,
);

export function postgresSignIn(database: PostgresDatabase): SessionStore['start'] {
  return async ({ proof, ...started }, presentedTokenHash, idleSince, context) => {
    const { sid, accountId, tokenHash } = started;
    const session = { ...started, userAgent: toStorableText(started.userAgent), amr: toStoredAmr(proof) };
    const factor = FACTOR_DETAILS[proof.kind];
    const credentialId = proof.kind === 'passkey' ? proof.credentialId : null;
    const { rows } = await database.writeAll<{ refusal: StartRefusal | ''; sid: string; endsAt: number }>(
      ...consumeProof(accountId, proof, context),
      signIn({ ...session, presentedTokenHash, idleSince, factor, credentialId, ...context }),
      // After a renewal, there is no session of this sid, and nothing ends.
      lockReplaced({ presentedTokenHash, accountId, sid }),
      ...endLocked(context),
      findOutcome({ tokenHash }),
    );
    const [outcome] = rows;
    if (outcome === undefined) throw new Error('the outcome of a sign-in is missing');
    const { refusal, sid: startedSid, endsAt } = outcome;
    return refusal === '' ? { sid: startedSid, endsAt } : { refusal };
  };
}
