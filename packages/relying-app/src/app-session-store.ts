/** How app sessions are stored, in SQL. `app-sessions.ts` states what each operation guarantees. */
import type { Database } from '@samesite-sso/core';

/**
 * App sessions that one SSO session, and so one browser, can have at this app; the oldest end beyond that.
 * Without a limit, one logout could delete any number of rows at once and block all requests meanwhile.
 */
const MAX_SESSIONS_PER_SID = 1000;

/** Rows of each kind that one call deletes. It takes some milliseconds, which block all requests. */
const PURGE_BATCH_ROWS = 100;

interface SessionRow {
  id: string;
  username: string;
  displayName: string;
  sid: string;
  startedAt: number;
  endsAt: number;
}

interface NewSessionRow extends SessionRow {
  tokenHash: Buffer;
  /** The latest end of the SSO session. */
  ssoEndsAt: number;
}

export interface EndedSession {
  id: number;
  sid: string;
}

interface PurgeTimes {
  now: number;
  /** Records up to this time are deleted, and sign-outs whose SSO session had ended by then. */
  keepAfter: number;
}

/** Each method is one statement or one transaction. Hashes are those of session tokens. */
export interface AppSessionStore {
  start(session: NewSessionRow, replacedHash: Buffer | null): boolean;
  find(tokenHash: Buffer, now: number): SessionRow | undefined;
  end(tokenHash: Buffer, now: number): void;
  endBySid(logout: { jti: string; sid: string; receivedAt: number }): boolean;
  signOutOfSite(tokenHash: Buffer, now: number): boolean;
  isSignedOutOfSite(sid: string): boolean;
  lastEndedId(): number;
  endedAfter(id: number): EndedSession[];
  hasExpired(times: PurgeTimes): boolean;
  purgeExpired(times: PurgeTimes): void;
}

export function createAppSessionStore({ sqlite }: Database): AppSessionStore {
  const insertSession = sqlite.prepare(
    `INSERT INTO app_session
       (secret_hash, sid, account_id, username, display_name, started_at, ends_at, sso_ends_at)
     VALUES (:tokenHash, :sid, :id, :username, :displayName, :startedAt, :endsAt, :ssoEndsAt)`,
  );
  const recordEnded = sqlite.prepare(
    `INSERT INTO ended_session (sid, ended_at)
     SELECT :sid, :now WHERE NOT EXISTS (SELECT 1 FROM app_session WHERE sid = :sid)`,
  );
  const deleteSession = sqlite
    .prepare<[Buffer], string>('DELETE FROM app_session WHERE secret_hash = ? RETURNING sid')
    .pluck();
  const end = (tokenHash: Buffer, now: number) => {
    const sid = deleteSession.get(tokenHash);
    if (sid !== undefined) recordEnded.run({ sid, now });
  };
  const deleteAllOfSid = sqlite.prepare('DELETE FROM app_session WHERE sid = ?');
  const endAllOfSid = (sid: string, now: number) => {
    if (deleteAllOfSid.run(sid).changes > 0) recordEnded.run({ sid, now });
  };

  const deleteExcess = sqlite.prepare(
    `DELETE FROM app_session WHERE rowid IN
       (SELECT rowid FROM app_session WHERE sid = ?
        ORDER BY rowid DESC LIMIT -1 OFFSET ${MAX_SESSIONS_PER_SID})`,
  );
  const recordReplaced = sqlite.prepare(
    `INSERT INTO replaced_session
     SELECT secret_hash, sid, sso_ends_at, :now FROM app_session WHERE secret_hash = :tokenHash`,
  );
  const findLogout = sqlite.prepare('SELECT 1 FROM logout_token WHERE sid = ?');
  const findSiteSignOut = sqlite.prepare('SELECT 1 FROM site_sign_out WHERE sid = ?');
  const start = sqlite.transaction((row: NewSessionRow, replacedHash: Buffer | null) => {
    if ((findLogout.get(row.sid) ?? findSiteSignOut.get(row.sid)) !== undefined) return false;
    insertSession.run(row); // First, so that a renewal isn't recorded as the end of the SSO session.
    deleteExcess.run(row.sid);
    if (replacedHash !== null) {
      recordReplaced.run({ tokenHash: replacedHash, now: row.startedAt });
      end(replacedHash, row.startedAt);
    }
    return true;
  });

  const recordLogout = sqlite.prepare(
    `INSERT INTO logout_token (jti, sid, received_at) VALUES (:jti, :sid, :receivedAt)
     ON CONFLICT (jti) DO NOTHING`,
  );
  const endBySid = sqlite.transaction((logout: { jti: string; sid: string; receivedAt: number }) => {
    if (recordLogout.run(logout).changes === 0) return false;
    endAllOfSid(logout.sid, logout.receivedAt);
    return true;
  });

  const findSsoSession = sqlite.prepare<[{ tokenHash: Buffer }], { sid: string; ssoEndsAt: number }>(
    `SELECT sid, sso_ends_at AS ssoEndsAt FROM app_session WHERE secret_hash = :tokenHash
     UNION ALL SELECT sid, sso_ends_at FROM replaced_session WHERE secret_hash = :tokenHash`,
  );
  const recordSiteSignOut = sqlite.prepare(
    'INSERT INTO site_sign_out (sid, ends_at) VALUES (:sid, :ssoEndsAt) ON CONFLICT (sid) DO NOTHING',
  );
  const signOutOfSite = sqlite.transaction((tokenHash: Buffer, now: number) => {
    const ssoSession = findSsoSession.get({ tokenHash });
    if (ssoSession === undefined) return false;
    recordSiteSignOut.run(ssoSession);
    endAllOfSid(ssoSession.sid, now);
    return true;
  });

  const deleteBatch = (table: string, time: string) =>
    `DELETE FROM ${table} WHERE rowid IN
       (SELECT rowid FROM ${table} WHERE ${time} <= ? ORDER BY ${time} LIMIT ${PURGE_BATCH_ROWS})`;
  const deleteExpired = sqlite
    .prepare<[number], string>(`${deleteBatch('app_session', 'ends_at')} RETURNING sid`)
    .pluck();
  const deleteOldRecords = [
    sqlite.prepare(deleteBatch('logout_token', 'received_at')),
    sqlite.prepare(deleteBatch('ended_session', 'ended_at')),
    sqlite.prepare(deleteBatch('replaced_session', 'replaced_at')),
    sqlite.prepare(deleteBatch('site_sign_out', 'ends_at')),
  ];
  const purgeExpired = sqlite.transaction(({ now, keepAfter }: PurgeTimes) => {
    for (const sid of new Set(deleteExpired.all(now))) recordEnded.run({ sid, now });
    for (const deleteOld of deleteOldRecords) deleteOld.run(keepAfter);
  });

  const find = sqlite.prepare<[Buffer, number], SessionRow>(
    `SELECT account_id AS id, username, display_name AS displayName, sid,
       started_at AS startedAt, ends_at AS endsAt
     FROM app_session WHERE secret_hash = ? AND ends_at > ?`,
  );
  const findLastEndedId = sqlite
    .prepare<[], number>('SELECT id FROM ended_session ORDER BY id DESC LIMIT 1')
    .pluck();
  const findEndedAfter = sqlite.prepare<[number], EndedSession>(
    'SELECT id, sid FROM ended_session WHERE id > ? ORDER BY id LIMIT 500',
  );
  const findExpired = sqlite.prepare<[PurgeTimes]>(
    `SELECT 1 WHERE EXISTS (SELECT 1 FROM app_session WHERE ends_at <= :now)
       OR EXISTS (SELECT 1 FROM logout_token WHERE received_at <= :keepAfter)
       OR EXISTS (SELECT 1 FROM ended_session WHERE ended_at <= :keepAfter)
       OR EXISTS (SELECT 1 FROM replaced_session WHERE replaced_at <= :keepAfter)
       OR EXISTS (SELECT 1 FROM site_sign_out WHERE ends_at <= :keepAfter)`,
  );
  return {
    start: start.immediate,
    find: (tokenHash, now) => find.get(tokenHash, now),
    end: sqlite.transaction(end).immediate,
    endBySid: endBySid.immediate,
    signOutOfSite: signOutOfSite.immediate,
    isSignedOutOfSite: (sid) => findSiteSignOut.get(sid) !== undefined,
    lastEndedId: () => findLastEndedId.get() ?? 0,
    endedAfter: (id) => findEndedAfter.all(id),
    hasExpired: (times) => findExpired.get(times) !== undefined,
    purgeExpired: purgeExpired.immediate,
  };
}
