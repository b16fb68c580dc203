/** `SessionStore` in PostgreSQL. */
import { isStorableText, type PostgresDatabase, toStatement } from '@samesite-sso/core';
import { readAmr } from '../sign-in-proofs.ts';
import type { ExpiryTimes, ListedSession, SessionStore, SsoSession } from '../stores.ts';
import { postgresAppAccess } from './app-access.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';
import { endChosen } from './session-ending.ts';
import { postgresSessionSlices } from './session-slices.ts';
import { postgresSignIn } from './sign-ins.ts';

export interface SessionRow {
  sid: string;
  lastSeenAt: number;
  endsAt: number;
  authenticatedAt: number;
  amr: string;
  accountId: string;
  username: string;
  displayName: string;
}

interface ListedRow extends SessionRow {
  startedAt: number;
  address: string | null;
  userAgent: string;
  device: string | null;
  apps: string[];
}

/** Sessions from before the column were signed in when they started. */
export const AUTHENTICATED_AT = 'coalesce(authenticated_at, started_at)';
const COLUMNS = `sid, last_seen_at AS "lastSeenAt", ends_at AS "endsAt",
  ${AUTHENTICATED_AT} AS "authenticatedAt", amr, account_id AS "accountId", username,
  display_name AS "displayName"`;
const LISTED = `${COLUMNS}, started_at AS "startedAt", address, user_agent AS "userAgent", device,
  ARRAY (SELECT app FROM session_app WHERE sid = listed.sid ORDER BY session_app.id) AS apps`;

const find = (condition: string) =>
  `SELECT ${COLUMNS} FROM sso_session JOIN account ON account.id = account_id WHERE ${condition}`;
const findByToken = find('token_hash = $1');
const findBySid = find('sid = $1');

interface Position {
  accountId?: string | undefined;
  lastSeenAt: number;
  id: number;
}
/** Sorts before every session. */
const START = { lastSeenAt: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };

const findPage = (condition: string) =>
  toStatement<Position>(
    `SELECT ${LISTED}, listed.id
     FROM sso_session AS listed JOIN account ON account.id = account_id
     WHERE ${condition} AND (last_seen_at, listed.id) < (:lastSeenAt, :id)
     ORDER BY last_seen_at DESC, listed.id DESC LIMIT ${PAGE_ROWS}`,
  );
const findPageOfAll = findPage('TRUE');
const findPageOfAccount = findPage('account_id = :accountId');

// One statement, so that it sees one state of the table.
const findNewest = toStatement<{ sid: string; accountId: string; limit: number } & ExpiryTimes>(
  `WITH active AS MATERIALIZED (
     SELECT * FROM sso_session
     WHERE account_id = :accountId AND last_seen_at > :idleSince AND ends_at > :now
   ), listed AS (
     SELECT * FROM active WHERE EXISTS (SELECT FROM active WHERE sid = :sid)
     ORDER BY sid = :sid DESC, last_seen_at DESC, id DESC LIMIT :limit
   )
   SELECT ${LISTED}, (SELECT count(*) FROM active) AS count
   FROM listed JOIN account ON account.id = account_id
   ORDER BY sid = :sid DESC, last_seen_at DESC, listed.id DESC`,
);

const touch = toStatement<{ sid: string; at: number }>(
  'UPDATE sso_session SET last_seen_at = :at WHERE sid = :sid AND last_seen_at < :at',
);

export function postgresSessions(database: PostgresDatabase): SessionStore {
  async function findOne(statement: string, value: string | Buffer): Promise<SsoSession | null> {
    const { rows } = await database.query<SessionRow>(statement, [value]);
    return rows[0] === undefined ? null : toSession(rows[0]);
  }

  return {
    start: postgresSignIn(database),
    find: (tokenHash) => findOne(findByToken, tokenHash),
    findBySid: async (sid) => (isStorableText(sid) ? findOne(findBySid, sid) : null),
    async *pages(accountId) {
      if (accountId !== undefined && !isStorableText(accountId)) return;
      const statement = accountId === undefined ? findPageOfAll : findPageOfAccount;
      const find = ({ lastSeenAt, id }: Pick<Position, 'lastSeenAt' | 'id'> = START) =>
        database.query<ListedRow & { id: number }>(...statement({ accountId, lastSeenAt, id }));
      for await (const page of readPages(find)) yield page.map(({ id: _, ...row }) => toListedSession(row));
    },
    newest: async (own, expiry, limit) => {
      const { rows } = await database.query<ListedRow & { count: number }>(
        ...findNewest({ ...own, ...expiry, limit }),
      );
      return {
        sessions: rows.map(({ count: _, ...row }) => toListedSession(row)),
        count: rows[0]?.count ?? 0,
      };
    },
    touch: async (sid, at) => {
      await database.write(...touch({ sid, at }));
    },
    end: async (choice, reason, context) =>
      (await database.writeAll(...endChosen(choice, reason, context))).count,
    ...postgresAppAccess(database),
    ...postgresSessionSlices(database),
  };
}

export function toSession(row: SessionRow): SsoSession {
  const { sid, lastSeenAt, endsAt, authenticatedAt, amr, accountId, username, displayName } = row;
  const account = { id: accountId, username, displayName };
  return { sid, lastSeenAt, endsAt, authenticatedAt, amr: readAmr(amr), account };
}

function toListedSession({ accountId, username, displayName, amr, ...session }: ListedRow): ListedSession {
  return { ...session, amr: readAmr(amr), account: { id: accountId, username, displayName } };
}
