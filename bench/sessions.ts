/** Writes many accounts and SSO sessions into a database: through sign-ins, a million would take hours. */
import { randomBytes, randomUUID, randomUUIDv7 } from 'node:crypto';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { isPostgresUrl } from '../packages/core/src/database/postgres-url.ts';
import { createSessionToken, sha256 } from '../packages/core/src/session/session-cookie.ts';
import { COOKIES } from '../packages/protocol/src/index.ts';
import { PASSWORD_HASH } from '../test/support/accounts.ts';
import { runOn } from '../test/support/postgres.ts';

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;
/** The service's default. */
const SESSION_MAX_MS = 12 * HOUR_MS;
const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** Of a statement to PostgreSQL. */
const ROWS_PER_STATEMENT = 10_000;

/**
 * Adds sessions that started evenly during an hour. Each was last used an hour after its start, the newest
 * five minutes ago.
 *
 * @param database a file's path, or the URL of a PostgreSQL database
 * @param accountIds used in turn
 * @param app the origin of the app that each session has signed in at
 * @returns the cookies of the sessions
 */
export async function addSessionsTo(
  database: string,
  count: number,
  accountIds: readonly string[],
  app: string,
): Promise<string[]> {
  if (isPostgresUrl(database)) return await addToPostgres(database, count, accountIds, app);
  const opened = new SqliteDatabase(database);
  const cookies = addSessions(opened, count, accountIds, app);
  opened.close();
  return cookies;
}

/** The same, in an open SQLite database. */
export function addSessions(
  database: Database,
  count: number,
  accountIds: readonly string[],
  app: string,
): string[] {
  const insert = database.prepare(
    `INSERT INTO sso_session
       (sid, secret_hash, account_id, started_at, last_seen_at, ends_at, address, user_agent, device)
     VALUES (?, ?, ?, ?, ?, ?, '192.0.2.1', '${USER_AGENT}', 'Firefox on Linux')`,
  );
  const insertApp = database.prepare('INSERT INTO session_app (sid, app, has_redeemed) VALUES (?, ?, 1)');
  const makeSession = sessionMaker(count, accountIds);
  return inOneTransaction(database, count, (index) => {
    const { sid, tokenHash, accountId, startedAt, lastSeenAt, endsAt, cookie } = makeSession(index);
    insert.run(sid, tokenHash, accountId, startedAt, lastSeenAt, endsAt);
    insertApp.run(sid, app);
    return cookie;
  });
}

async function addToPostgres(
  url: string,
  count: number,
  accountIds: readonly string[],
  app: string,
): Promise<string[]> {
  const statement = `
    WITH session AS (
      INSERT INTO sso_session
        (sid, token_hash, account_id, started_at, last_seen_at, ends_at, address, user_agent, device)
      SELECT *, '192.0.2.1', '${USER_AGENT}', 'Firefox on Linux'
      FROM unnest($1::text[], $2::bytea[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
      RETURNING sid
    )
    INSERT INTO session_app (sid, app, has_redeemed) SELECT sid, $7, true FROM session`;
  const makeSession = sessionMaker(count, accountIds);
  const sessions = Array.from({ length: count }, (_, index) => makeSession(index));
  for (let start = 0; start < count; start += ROWS_PER_STATEMENT) {
    const rows = sessions.slice(start, start + ROWS_PER_STATEMENT);
    const columns = ['sid', 'tokenHash', 'accountId', 'startedAt', 'lastSeenAt', 'endsAt'] as const;
    await runOn(url, statement, [...columns.map((column) => rows.map((row) => row[column])), app]);
  }
  return sessions.map(({ cookie }) => cookie);
}

function sessionMaker(count: number, accountIds: readonly string[]) {
  const newestUse = Date.now() - 5 * MINUTE_MS;
  return (index: number) => {
    const token = createSessionToken();
    const lastSeenAt = Math.floor(newestUse - (1 - index / count) * HOUR_MS);
    const startedAt = lastSeenAt - HOUR_MS;
    return {
      sid: randomUUIDv7(), // As the service makes it.
      tokenHash: sha256(token),
      accountId: accountIds[index % accountIds.length],
      startedAt,
      lastSeenAt,
      endsAt: startedAt + SESSION_MAX_MS,
      cookie: `${COOKIES.sso}=${token}`,
    };
  };
}

/** @returns the ids of the accounts */
export function addAccounts(database: Database, count: number): string[] {
  const insert = database.prepare(
    `INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
     VALUES (?, ?, ?, ?, '${PASSWORD_HASH}', ?)`,
  );
  const now = Date.now();
  return inOneTransaction(database, count, (index) => {
    const id = randomUUID();
    insert.run(id, `member-${index}`, `member-${index}`, `Member ${index}`, now);
    return id;
  });
}

export function addExpiredTokens(database: Database, count: number, app: string): void {
  const insert = database.prepare(
    'INSERT INTO authentication_token (hash, app, sid, expires_at) VALUES (?, ?, ?, ?)',
  );
  const expiresAt = Date.now() - HOUR_MS;
  inOneTransaction(database, count, (index) => {
    insert.run(randomBytes(32), app, `sid-${index}`, expiresAt + index);
  });
}

function inOneTransaction<Row>(database: Database, count: number, insert: (index: number) => Row): Row[] {
  return database.transaction(() => Array.from({ length: count }, (_, index) => insert(index)))();
}
