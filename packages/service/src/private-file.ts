/**
 * Files that only their owner may open. A key file holds private keys; a database holds password hashes,
 * sessions and the audit trail. Neither is used while another user of the machine could read or write it.
 */
import { realpathSync, statSync } from 'node:fs';
import { StartFault } from './start-fault.ts';

/**
 * Follows symbolic links, as opening the file does.
 *
 * @throws {StartFault} when the file exists and its group or others may open it
 */
export function requirePrivateFile(file: string): void {
  if (process.platform === 'win32') return; // There, the mode says nothing about who may open a file.
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined || (status.mode & 0o077) === 0) return;
  const mode = (status.mode & 0o777).toString(8);
  throw new StartFault(`${file} is open to others (mode ${mode}); run chmod 600 ${file}`);
}

/**
 * The same for a database and what SQLite keeps beside it. SQLite resolves symbolic links first, so its
 * `-wal` and `-shm` files are beside the database itself, not beside the link.
 *
 * @throws {StartFault} naming the first file that its group or others may open
 */
export function requirePrivateDatabase(file: string): void {
  const database = realpathSync(file);
  for (const suffix of ['', '-wal', '-shm']) requirePrivateFile(database + suffix);
}
