/**
 * `better-auth` with email and password in SQLite, with or without its cookie cache:
 * https://www.better-auth.com/docs/installation and /docs/concepts/session-management. Its rate limit is off,
 * since all of the load comes from one address.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import Database from 'better-sqlite3';
import { folder, port, reportReady } from './program.ts';

const database = new Database(join(folder, 'auth.db'));
database.pragma('journal_mode = WAL');

const auth = betterAuth({
  database,
  baseURL: `http://127.0.0.1:${port}`,
  secret: crypto.randomUUID(),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  session: { cookieCache: { enabled: process.env['COOKIE_CACHE'] === 'yes', maxAge: 5 * 60 } },
});
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
createServer(toNodeHandler(auth)).listen(port, '127.0.0.1', reportReady);
