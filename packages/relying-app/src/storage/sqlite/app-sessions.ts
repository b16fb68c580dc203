/** The app sessions in SQLite. A transaction that writes has the write lock from its start. */
import type { SqliteDatabase } from '@samesite-sso/core';
import { type AppSessionStore, type Logout, MAX_SESSIONS_PER_SID, type NewAppSession } from '../app-store.ts';
import { SESSION_COLUMNS, type SessionRow, toRow, toSession } from '../session-row.ts';
import { prepareRecordEnded } from './ended-sessions.ts';
import { preparePurge } from './purge.ts';

export function sqliteAppSessions(database: SqliteDatabase): AppSessionStore {
  const { sqlite } = database;
  const start = prepareStart(database);
  const endBySid = prepareEndBySid(database);
  const [endOne, signOutOfSite] = [prepareEndOne(database), prepareSignOutOfSite(database)];
  const find = sqlite.prepare<[Buffer, number], SessionRow>(
    `SELECT ${SESSION_COLUMNS} FROM app_session WHERE secret_hash = ? AND ends_at > ?`,
  );
  return {
    start: (session, replaced) => database.write(() => start(session, replaced)),
    find: async (tokenHash, now) => {
      const row = await database.run(() => find.get(tokenHash, now));
      return row === undefined ? null : toSession(row);
    },
    endBySid: (logout, now) => database.write(() => endBySid(logout, now)),
    end: (tokenHash, scope, now) =>
      database.write(() => (scope === 'site' ? signOutOfSite : endOne)(tokenHash, now)),
    purgeExpired: preparePurge(database),
  };
}

function prepareStart(database: SqliteDatabase) {
  const { sqlite } = database;
  const endOne = prepareEndOne(database);
  const findRefusal = sqlite.prepare<[{ sid: string; tokenIssuedAt: number }]>(
    `SELECT 1 FROM logout_token
     WHERE sid = :sid AND (issued_at IS NULL OR issued_at >= :tokenIssuedAt)
     UNION ALL SELECT 1 FROM site_sign_out WHERE sid = :sid`,
  );
  const insert = sqlite.prepare(
    `INSERT INTO app_session
       (secret_hash, sid, account_id, username, display_name, started_at, ends_at, sso_ends_at,
        authenticated_at, amr, group_names, token_issued_at)
     VALUES (:tokenHash, :sid, :id, :username, :displayName, :startedAt, :endsAt, :ssoEndsAt,
        :authenticatedAt, :amr, :groupNames, :tokenIssuedAt)`,
  );
  const deleteExcess = sqlite.prepare(
    `DELETE FROM app_session WHERE rowid IN
       (SELECT rowid FROM app_session WHERE sid = ?
        ORDER BY rowid DESC LIMIT -1 OFFSET ${MAX_SESSIONS_PER_SID})`,
  );
  const recordReplaced = sqlite.prepare(
    `INSERT INTO replaced_session
     SELECT secret_hash, sid, sso_ends_at, :now FROM app_session WHERE secret_hash = :tokenHash`,
  );
  return (session: NewAppSession, replaced: Buffer | null): boolean => {
    if (findRefusal.get(session) !== undefined) return false;
    insert.run(toRow(session)); // First, so that a renewal isn't recorded as the end.
    if (replaced !== null) {
      recordReplaced.run({ tokenHash: replaced, now: session.startedAt });
      endOne(replaced, session.startedAt);
    }
    deleteExcess.run(session.sid);
    return true;
  };
}

function prepareEndOne(database: SqliteDatabase) {
  const recordEnded = prepareRecordEnded(database);
  const deleteSession = database.sqlite
    .prepare<[Buffer], string>('DELETE FROM app_session WHERE secret_hash = ? RETURNING sid')
    .pluck();
  return (tokenHash: Buffer, now: number): boolean => {
    const sid = deleteSession.get(tokenHash);
    if (sid !== undefined) recordEnded(sid, now);
    return sid !== undefined;
  };
}

function prepareEndAllOfSid(database: SqliteDatabase) {
  const recordEnded = prepareRecordEnded(database);
  const deleteAll = database.sqlite.prepare('DELETE FROM app_session WHERE sid = ?');
  return (sid: string, now: number): void => {
    if (deleteAll.run(sid).changes > 0) recordEnded(sid, now);
  };
}

function prepareEndBySid(database: SqliteDatabase) {
  const { sqlite } = database;
  const recordEnded = prepareRecordEnded(database);
  const deleteEarlier = sqlite.prepare(
    `DELETE FROM app_session
     WHERE sid = :sid AND (token_issued_at <= :issuedAt OR token_issued_at > :now)`,
  );
  const recordLogout = sqlite.prepare(
    `INSERT INTO logout_token (jti, sid, issued_at, received_at) VALUES (:jti, :sid, :issuedAt, :now)
     ON CONFLICT (jti) DO NOTHING`,
  );
  return (logout: Logout, now: number): boolean => {
    if (recordLogout.run({ ...logout, now }).changes === 0) return false;
    if (deleteEarlier.run({ ...logout, now }).changes > 0) recordEnded(logout.sid, now);
    return true;
  };
}

function prepareSignOutOfSite(database: SqliteDatabase) {
  const { sqlite } = database;
  const endAllOfSid = prepareEndAllOfSid(database);
  const findSsoSession = sqlite.prepare<[{ tokenHash: Buffer }], { sid: string; ssoEndsAt: number }>(
    `SELECT sid, sso_ends_at AS ssoEndsAt FROM app_session WHERE secret_hash = :tokenHash
     UNION ALL SELECT sid, sso_ends_at FROM replaced_session WHERE secret_hash = :tokenHash`,
  );
  const recordSignOut = sqlite.prepare(
    'INSERT INTO site_sign_out (sid, ends_at) VALUES (:sid, :ssoEndsAt) ON CONFLICT (sid) DO NOTHING',
  );
  return (tokenHash: Buffer, now: number): boolean => {
    const ssoSession = findSsoSession.get({ tokenHash });
    if (ssoSession === undefined) return false;
    recordSignOut.run(ssoSession);
    endAllOfSid(ssoSession.sid, now);
    return true;
  };
}
