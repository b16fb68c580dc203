/** The app sessions in PostgreSQL. Each change holds the lock of their `sid`: see `sid-lock.ts`. */
import { type PostgresDatabase, toStatement } from '@samesite-sso/core';
import { type AppSessionStore, type Logout, MAX_SESSIONS_PER_SID } from '../app-store.ts';
import { SESSION_COLUMNS, type SessionRow, toRow, toSession } from '../session-row.ts';
import { postgresPurge } from './purge.ts';
import { writeUnderLocks } from './sid-lock.ts';

interface TokenHash {
  tokenHash: Buffer;
}

const find = toStatement<TokenHash & { now: number }>(
  `SELECT ${SESSION_COLUMNS} FROM app_session WHERE token_hash = :tokenHash AND ends_at > :now`,
);

const sidsOfStart = toStatement<{ sid: string; replaced: Buffer | null }>(
  `SELECT :sid::text AS sid UNION ALL SELECT sid FROM app_session WHERE token_hash = :replaced`,
);
/** Its parts see the rows as they were when it began, so the new session isn't among them. */
const start = toStatement<ReturnType<typeof toRow> & { replaced: Buffer | null }>(
  `WITH accepted AS (
     SELECT TRUE WHERE NOT EXISTS (SELECT FROM site_sign_out WHERE sid = :sid)
       AND NOT EXISTS (SELECT FROM logout_token WHERE sid = :sid AND issued_at >= :tokenIssuedAt)
   ), started AS (
     INSERT INTO app_session
       (token_hash, sid, account_id, username, display_name, started_at, ends_at, sso_ends_at,
        authenticated_at, amr, group_names, token_issued_at)
     SELECT :tokenHash::bytea, :sid, :id, :username, :displayName, :startedAt::bigint, :endsAt::bigint,
       :ssoEndsAt::bigint, :authenticatedAt::bigint, :amr, :groupNames, :tokenIssuedAt::bigint FROM accepted
   ), excess AS (
     DELETE FROM app_session WHERE id IN (
       SELECT id FROM app_session, accepted WHERE sid = :sid AND token_hash IS DISTINCT FROM :replaced
       ORDER BY id DESC OFFSET ${MAX_SESSIONS_PER_SID - 1}
     )
   ), replaced AS (
     DELETE FROM app_session USING accepted WHERE token_hash = :replaced
     RETURNING app_session.*
   ), remembered AS (
     INSERT INTO replaced_session (token_hash, sid, sso_ends_at, replaced_at)
     SELECT token_hash, sid, sso_ends_at, :startedAt FROM replaced
   ), ended AS (
     INSERT INTO ended_session (sid, ended_at) SELECT sid, :startedAt FROM replaced
     WHERE sid <> :sid AND NOT EXISTS (
       SELECT FROM app_session AS other WHERE other.sid = replaced.sid AND other.id <> replaced.id
     )
   )
   SELECT FROM accepted`,
);

const sidsOfEnd = toStatement<TokenHash>('SELECT sid FROM app_session WHERE token_hash = :tokenHash');
const end = toStatement<TokenHash & { now: number }>(
  `WITH ended AS (
     DELETE FROM app_session WHERE token_hash = :tokenHash RETURNING id, sid
   ), record AS (
     INSERT INTO ended_session (sid, ended_at) SELECT sid, :now FROM ended WHERE NOT EXISTS (
       SELECT FROM app_session AS other WHERE other.sid = ended.sid AND other.id <> ended.id
     )
   )
   SELECT FROM ended`,
);

const sidOfLogout = toStatement<Logout>('SELECT :sid::text AS sid');
const endBySid = toStatement<Logout & { now: number }>(
  `WITH accepted AS (
     INSERT INTO logout_token (jti, sid, issued_at, received_at) VALUES (:jti, :sid, :issuedAt, :now)
     ON CONFLICT (jti) DO NOTHING RETURNING sid
   ), ended AS (
     DELETE FROM app_session USING accepted
     WHERE app_session.sid = accepted.sid AND (token_issued_at <= :issuedAt OR token_issued_at > :now)
     RETURNING app_session.id, app_session.sid
   ), record AS (
     INSERT INTO ended_session (sid, ended_at) SELECT DISTINCT sid, :now::bigint FROM ended
     WHERE NOT EXISTS (
       SELECT FROM app_session AS other WHERE other.sid = ended.sid AND other.id NOT IN (SELECT id FROM ended)
     )
   )
   SELECT FROM accepted`,
);

/** A renewal moves the session from one table to the other in one transaction, so one of them has it. */
const SSO_SESSION = `
  SELECT sid, sso_ends_at FROM app_session WHERE token_hash = :tokenHash
  UNION ALL SELECT sid, sso_ends_at FROM replaced_session WHERE token_hash = :tokenHash`;
const sidsOfSignOut = toStatement<TokenHash>(SSO_SESSION);
const signOutOfSite = toStatement<TokenHash & { now: number }>(
  `WITH sso_session AS (${SSO_SESSION}), sign_out AS (
     INSERT INTO site_sign_out (sid, ends_at) SELECT sid, sso_ends_at FROM sso_session
     ON CONFLICT (sid) DO NOTHING
   ), ended AS (
     DELETE FROM app_session USING sso_session WHERE app_session.sid = sso_session.sid
     RETURNING app_session.sid
   ), record AS (
     INSERT INTO ended_session (sid, ended_at) SELECT DISTINCT sid, :now::bigint FROM ended
   )
   SELECT FROM sso_session`,
);

export function postgresAppSessions(database: PostgresDatabase): AppSessionStore {
  return {
    start: async (session, replaced) => {
      const values = { ...toRow(session), replaced };
      return (await writeUnderLocks(database, sidsOfStart(values), start(values))).count > 0;
    },
    find: async (tokenHash, now) => {
      const { rows } = await database.query<SessionRow>(...find({ tokenHash, now }));
      return rows[0] === undefined ? null : toSession(rows[0]);
    },
    endBySid: async (logout, now) => {
      const statement = endBySid({ ...logout, now });
      return (await writeUnderLocks(database, sidOfLogout(logout), statement)).count > 0;
    },
    end: async (tokenHash, scope, now) => {
      const [sids, statement] =
        scope === 'site'
          ? [sidsOfSignOut({ tokenHash }), signOutOfSite({ tokenHash, now })]
          : [sidsOfEnd({ tokenHash }), end({ tokenHash, now })];
      return (await writeUnderLocks(database, sids, statement)).count > 0;
    },
    purgeExpired: postgresPurge(database),
  };
}
