/** A process that holds a database's write lock until its standard input ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { onTestFinished } from 'vitest';

/** Resolves once it has the lock. @returns a function that lets go of it, and resolves once it is free */
export async function holdLock(file: string): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return async () => {
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  };
}

if (import.meta.main) {
  const database = new Sqlite(process.argv[2] ?? '');
  database.exec('BEGIN EXCLUSIVE');
  process.stdout.write('locked\n');
  await once(process.stdin.resume(), 'end');
  database.exec('ROLLBACK');
}
