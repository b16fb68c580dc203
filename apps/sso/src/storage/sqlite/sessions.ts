/** `SessionStore` in SQLite. */
import { isStorableText, type SqliteDatabase } from '@samesite-sso/core';
import { readAmr } from '../sign-in-proofs.ts';
import type { ListedSession, SessionStore, SsoSession } from '../stores.ts';
import { sqliteAppAccess } from './app-access.ts';
import type { AuditTrail } from './audit.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';
import type { SessionEnding } from './session-ending.ts';
import { prepareSignIn } from './sign-ins.ts';
import { prepareWrite } from './write.ts';

interface SessionRow {
  sid: string;
  lastSeenAt: number;
  endsAt: number;
  authenticatedAt: number;
  amr: string;
  id: string;
  username: string;
  displayName: string;
}

interface ListedRow extends SessionRow {
  startedAt: number;
  address: string | null;
  userAgent: string;
  device: string | null;
  /** A JSON array of origins. */
  apps: string;
  rowid: number;
}

// Scalar subqueries: with a join, better-sqlite3 prepares the statement again on every call.
const COLUMNS = `sid, last_seen_at AS lastSeenAt, ends_at AS endsAt, authenticated_at AS authenticatedAt, amr,
  account_id AS id,
  (SELECT username FROM account WHERE id = account_id) AS username,
  (SELECT display_name FROM account WHERE id = account_id) AS displayName`;
const LISTED = `${COLUMNS}, started_at AS startedAt, address, user_agent AS userAgent, device, rowid,
  (SELECT json_group_array(app ORDER BY rowid) FROM session_app WHERE sid = sso_session.sid) AS apps`;
const IS_ACTIVE = 'last_seen_at > :idleSince AND ends_at > :now';

/** Sorts before every session. */
const START = { lastSeenAt: Number.MAX_SAFE_INTEGER, rowid: Number.MAX_SAFE_INTEGER };

export function sqliteSessions(
  database: SqliteDatabase,
  audit: AuditTrail,
  ending: SessionEnding,
): SessionStore {
  const { sqlite } = database;
  const access = sqliteAppAccess(database);
  const find = sqlite.prepare<[Buffer], SessionRow>(
    `SELECT ${COLUMNS} FROM sso_session WHERE secret_hash = ?`,
  );
  const findBySid = prepareFindBySid(database);
  const findPage = (condition: string) =>
    sqlite.prepare<unknown[], ListedRow>(
      `SELECT ${LISTED} FROM sso_session WHERE ${condition} AND (last_seen_at, rowid) < (:lastSeenAt, :rowid)
       ORDER BY last_seen_at DESC, rowid DESC LIMIT ${PAGE_ROWS}`,
    );
  const pageOfAll = findPage('TRUE');
  const pageOfAccount = findPage('account_id = :accountId');
  const findOwn = sqlite.prepare<unknown[], ListedRow>(
    `SELECT ${LISTED} FROM sso_session WHERE sid = :sid AND account_id = :accountId AND ${IS_ACTIVE}`,
  );
  const findNewest = sqlite.prepare<unknown[], ListedRow>(
    `SELECT ${LISTED} FROM sso_session WHERE account_id = :accountId AND ${IS_ACTIVE} AND sid <> :sid
     ORDER BY last_seen_at DESC LIMIT :limit`,
  );
  const countActive = sqlite.prepare<unknown[], number>(
    `SELECT count(*) FROM sso_session WHERE account_id = :accountId AND ${IS_ACTIVE}`,
  );
  countActive.pluck();
  const touch = sqlite.prepare(
    'UPDATE sso_session SET last_seen_at = :at WHERE sid = :sid AND last_seen_at < :at',
  );
  const newest = sqlite.transaction((...[own, expiry, limit]: Parameters<SessionStore['newest']>) => {
    const session = findOwn.get({ ...own, ...expiry });
    if (session === undefined) return { sessions: [], count: 0 };
    const others = findNewest.all({ ...own, ...expiry, limit: limit - 1 });
    const count = countActive.get({ ...own, ...expiry }) ?? 0;
    return { sessions: [session, ...others].map(toListedSession), count };
  });

  return {
    start: prepareWrite(database, prepareSignIn(database, audit, ending)),
    find: (tokenHash) => database.run(() => toSession(find.get(tokenHash))),
    findBySid: (sid) => database.run(() => (isStorableText(sid) ? findBySid(sid) : null)),
    async *pages(accountId) {
      if (accountId !== undefined && !isStorableText(accountId)) return;
      const findPage = accountId === undefined ? pageOfAll : pageOfAccount;
      const find = ({ lastSeenAt, rowid }: Pick<ListedRow, 'lastSeenAt' | 'rowid'> = START) =>
        findPage.all({ accountId, lastSeenAt, rowid });
      for await (const page of readPages(database, find)) yield page.map(toListedSession);
    },
    newest: (...choice) => database.run(() => newest(...choice)),
    touch: (sid, at) => database.write(() => void touch.run({ sid, at })),
    end: prepareWrite(database, ending.end),
    endAll: ending.endAll,
    endAtApp: access.endAtApp,
    endExcluded: access.endExcluded,
    endExpired: ending.endExpired,
  };
}

/** Finds a session by its `sid`, within the caller's transaction if there is one. */
export function prepareFindBySid({ sqlite }: SqliteDatabase): (sid: string) => SsoSession | null {
  const find = sqlite.prepare<[string], SessionRow>(`SELECT ${COLUMNS} FROM sso_session WHERE sid = ?`);
  return (sid) => toSession(find.get(sid));
}

function toSession(row: SessionRow | undefined): SsoSession | null {
  if (row === undefined) return null;
  const { sid, lastSeenAt, endsAt, authenticatedAt, amr, id, username, displayName } = row;
  const account = { id, username, displayName };
  return { sid, lastSeenAt, endsAt, authenticatedAt, amr: readAmr(amr), account };
}

function toListedSession({
  apps,
  amr,
  id,
  username,
  displayName,
  rowid: _,
  ...session
}: ListedRow): ListedSession {
  const account = { id, username, displayName };
  return { ...session, amr: readAmr(amr), account, apps: JSON.parse(apps) as string[] };
}
