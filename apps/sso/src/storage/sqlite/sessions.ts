/** SSO sessions in SQLite: the guarantees are those of `SessionStore`. */
import type { Database } from '@samesite-sso/service';
import type { SessionStore, SsoSession } from '../stores.ts';

interface SessionRow {
  sid: string;
  lastSeenAt: number;
  endsAt: number;
  id: string;
  username: string;
  displayName: string;
}

/** Scalar subqueries, not a join: SQLite here would plan a join anew at every call, at four times the cost. */
const COLUMNS = `
  sid, last_seen_at AS lastSeenAt, ends_at AS endsAt, account_id AS id,
  (SELECT username FROM account WHERE id = account_id) AS username,
  (SELECT display_name FROM account WHERE id = account_id) AS displayName`;

export function sqliteSessions(database: Database): SessionStore {
  const { sqlite } = database;
  const find = sqlite.prepare<[Buffer], SessionRow>(
    `SELECT ${COLUMNS} FROM sso_session WHERE secret_hash = ?`,
  );
  const findBySid = sqlite.prepare<[string], SessionRow>(`SELECT ${COLUMNS} FROM sso_session WHERE sid = ?`);
  const touch = sqlite.prepare(
    'UPDATE sso_session SET last_seen_at = :at WHERE sid = :sid AND last_seen_at < :at',
  );
  const end = sqlite.prepare('DELETE FROM sso_session WHERE secret_hash = ?'); // Its tokens go with it.
  const insert = sqlite.prepare(
    `INSERT INTO sso_session (sid, secret_hash, account_id, started_at, last_seen_at, ends_at)
     VALUES (:sid, :secretHash, :accountId, :startedAt, :startedAt, :endsAt)`,
  );
  const start = sqlite.transaction(
    (session: Parameters<SessionStore['start']>[0], replaced: Buffer | null) => {
      if (replaced !== null) end.run(replaced);
      insert.run(session);
    },
  );

  return {
    start: (session, replaced) => database.run(() => start.immediate(session, replaced)),
    find: (secretHash) => database.run(() => asSession(find.get(secretHash))),
    findBySid: (sid) => database.run(() => asSession(findBySid.get(sid))),
    touch: (sid, at) => database.run(() => void touch.run({ sid, at })),
    end: (secretHash) => database.run(() => void end.run(secretHash)),
  };
}

function asSession(row: SessionRow | undefined): SsoSession | null {
  if (row === undefined) return null;
  const { sid, lastSeenAt, endsAt, id, username, displayName } = row;
  return { sid, lastSeenAt, endsAt, account: { id, username, displayName } };
}
