/**
 * `express-session` with a store in SQLite: https://github.com/expressjs/session and
 * https://github.com/TimDaub/better-sqlite3-session-store. better-sqlite3 recommends WAL mode, and sets
 * synchronous=NORMAL for it, so a commit doesn't wait for the disk.
 */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import sqliteStore from 'better-sqlite3-session-store';
import express from 'express';
import session from 'express-session';
import { folder, port, reportReady } from './program.ts';

declare module 'express-session' {
  interface SessionData {
    account: { id: string; username: string; displayName: string };
  }
}

const client = new Database(join(folder, 'sessions.db'));
client.pragma('journal_mode = WAL');
const SqliteStore = sqliteStore(session);

const server = express();
server.use(
  session({
    store: new SqliteStore({ client, expired: { clear: true, intervalMs: 900_000 } }),
    secret: crypto.randomUUID(),
    resave: false,
    saveUninitialized: false,
  }),
);
server.post('/login', (request, response) => {
  request.session.account = { id: crypto.randomUUID(), username: 'ada', displayName: 'Ada Lovelace' };
  response.json({ status: 'signed in' });
});
server.get('/', (request, response) => {
  const { account } = request.session;
  if (account === undefined) response.status(401).end();
  else response.json({ status: 'signed in', account });
});
server.listen(port, '127.0.0.1', reportReady);
