/** SSO sessions in SQLite: the guarantees are those of `SessionStore`. */
import type { Database } from '@samesite-sso/service';
import type { Act, ListedSession, NewSession, SessionStore, SsoSession } from '../stores.ts';
import type { AuditTrail } from './audit.ts';
import type { SessionEnding } from './session-ending.ts';

interface SessionRow {
  sid: string;
  lastSeenAt: number;
  endsAt: number;
  id: string;
  username: string;
  displayName: string;
}

interface ListedRow extends SessionRow {
  startedAt: number;
  address: string | null;
  userAgent: string;
  /** A JSON array of origins. */
  apps: string;
}

// The account by scalar subqueries: better-sqlite3 prepares a join anew at every call.
const COLUMNS = `sid, last_seen_at AS lastSeenAt, ends_at AS endsAt, account_id AS id,
  (SELECT username FROM account WHERE id = account_id) AS username,
  (SELECT display_name FROM account WHERE id = account_id) AS displayName`;

export function sqliteSessions(database: Database, audit: AuditTrail, ending: SessionEnding): SessionStore {
  const { sqlite } = database;
  const find = sqlite.prepare<[Buffer], SessionRow>(
    `SELECT ${COLUMNS} FROM sso_session WHERE secret_hash = ?`,
  );
  const findBySid = sessionBySid(database);
  const list = sqlite.prepare<unknown[], ListedRow>(
    `SELECT ${COLUMNS}, started_at AS startedAt, address, user_agent AS userAgent,
       (SELECT json_group_array(app ORDER BY rowid) FROM session_app WHERE sid = sso_session.sid) AS apps
     FROM sso_session WHERE :accountId IS NULL OR account_id = :accountId ORDER BY last_seen_at DESC`,
  );
  const touch = sqlite.prepare(
    'UPDATE sso_session SET last_seen_at = :at WHERE sid = :sid AND last_seen_at < :at',
  );
  // The password was checked outside this transaction: what was changed or disabled meanwhile starts nothing.
  const insert = sqlite.prepare(
    `INSERT INTO sso_session
       (sid, secret_hash, account_id, started_at, last_seen_at, ends_at, address, user_agent)
     SELECT :sid, :secretHash, id, :at, :at, :endsAt, :address, :userAgent FROM account
     WHERE id = :accountId AND disabled_at IS NULL AND password_version = :passwordVersion`,
  );
  const start = sqlite.transaction((session: NewSession, replaced: Buffer | null, act: Act) => {
    const { sid, accountId } = session;
    if (insert.run({ ...session, ...act }).changes === 0) {
      audit.append({ kind: 'login failed', accountId, detail: 'the account changed meanwhile' }, act);
      return false;
    }
    audit.append({ kind: 'login succeeded', accountId }, act);
    if (replaced !== null) ending.end({ secretHash: replaced }, 'replaced by a new login', act);
    audit.append({ kind: 'session started', accountId, sid }, act);
    ending.endSurplus({ accountId, sid }, act);
    return true;
  });
  const end = sqlite.transaction(ending.end);
  const endOverdue = sqlite.transaction(ending.endOverdue);

  return {
    start: (...session) => database.run(() => start.immediate(...session)),
    find: (secretHash) => database.run(() => asSession(find.get(secretHash))),
    findBySid: (sid) => database.run(() => findBySid(sid)),
    list: (accountId = undefined) =>
      database.run(() => list.all({ accountId: accountId ?? null }).map(asListedSession)),
    touch: (sid, at) => database.run(() => void touch.run({ sid, at })),
    end: (...choice) => database.run(() => end.immediate(...choice)),
    endOverdue: (time) => database.run(() => (ending.isOverdue(time) ? endOverdue.immediate(time) : 0)),
  };
}

/** Finds a session by its public name, within whatever transaction it is called in. */
export function sessionBySid({ sqlite }: Database): (sid: string) => SsoSession | null {
  const find = sqlite.prepare<[string], SessionRow>(`SELECT ${COLUMNS} FROM sso_session WHERE sid = ?`);
  return (sid) => asSession(find.get(sid));
}

function asSession(row: SessionRow | undefined): SsoSession | null {
  if (row === undefined) return null;
  const { sid, lastSeenAt, endsAt, id, username, displayName } = row;
  return { sid, lastSeenAt, endsAt, account: { id, username, displayName } };
}

function asListedSession({ apps, id, username, displayName, ...session }: ListedRow): ListedSession {
  return { ...session, account: { id, username, displayName }, apps: JSON.parse(apps) as string[] };
}
