/**
 * Files that only their process may open. A key file holds private keys; a database holds password hashes,
 * sessions and the audit trail. Neither is used while another user of the machine could read or write it.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, realpathSync, rmSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseError } from './config-error.ts';
import { tryStat, validatePath } from './file-path.ts';

/**
 * Names a folder on a volume that invents modes and owners, such as CIFS or a Windows drive in WSL. Files in
 * it are used regardless of their mode. The variable is read here, where every server and command line opens
 * its files, so that no caller can forget it.
 */
export const OPEN_FILES_VARIABLE = 'ALLOW_OPEN_FILES_IN';

/**
 * Follows symbolic links, as opening the file does. A file may be open to its group if this process belongs
 * to that group: Kubernetes creates such files (`fsGroup`).
 *
 * @throws {DatabaseError} when the file exists and another user may open it
 */
export function requirePrivateFile(file: string): void {
  if (process.platform === 'win32') return; // There, the mode doesn't control who may open a file.
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return;
  const reason = describeExposure(file, status);
  if (reason !== null && !isInOpenFolder(file)) throw new DatabaseError(`${file} ${reason}`);
}

/**
 * The same for a database and what SQLite keeps beside it. SQLite resolves symbolic links first, so its
 * `-wal`, `-shm` and `-journal` files are beside the database itself, not beside the link.
 *
 * @throws {DatabaseError} naming the first file that another user may open
 */
export function requirePrivateDatabase(file: string): void {
  const database = realpathSync(file);
  for (const suffix of ['', '-wal', '-shm', '-journal']) requirePrivateFile(database + suffix);
}

/**
 * Checks a file that others may read but not write, such as the app registry. Its group may write it if this
 * process belongs to the group, or if it is the owner's private group, whose id is that of the owner: systems
 * with private groups make new files group-writable (umask 002). The folder and the owner aren't checked.
 *
 * @throws {Error} when the file exists and another user may write it
 */
export function requireWriteProtectedFile(file: string): void {
  if (process.platform === 'win32') return;
  const { status } = tryStat(file);
  if (status === undefined) return;
  const { mode, uid, gid } = status;
  const others = gid === uid || process.getgroups?.().includes(gid) ? 0o002 : 0o022;
  if ((mode & others) === 0 || isInOpenFolder(file)) return;
  const remedy = advice(file, 'run chmod go-w');
  throw new Error(`${file} can be written by others (mode ${(mode & 0o777).toString(8)}); ${remedy}`);
}

/** The warning that is logged at each start while the variable is set, or null. */
export function openFilesWarning(): string | null {
  const folder = openFolder();
  if (folder === undefined) return null;
  return (
    `${OPEN_FILES_VARIABLE} is set: every user who can open the files in ${folder} can read the keys and ` +
    'databases there'
  );
}

function describeExposure(file: string, { mode, uid, gid }: Stats): string | null {
  const user = process.geteuid?.() ?? 0;
  const isOwn = uid === user;
  // Root can open every file, and runs the command line beside a service that runs as another user.
  if (!isOwn && uid !== 0 && user !== 0) {
    return `belongs to another user (${uid}), who can open it; ${advice(file, `as root, chown ${user}`)}`;
  }
  const others = process.getgroups?.().includes(gid) ? 0o007 : 0o077;
  if ((mode & others) === 0) return null;
  // A file that belongs to root needs a new owner too: after the chmod alone, this process couldn't read it.
  const remedy = isOwn || user === 0 ? 'run chmod 600' : `as root, chown ${user} and chmod 600`;
  return `is open to others (mode ${(mode & 0o777).toString(8)}); ${advice(file, remedy)}`;
}

function advice(file: string, remedy: string): string {
  if (keepsModes(path.dirname(file))) return `${remedy} ${file}`;
  return (
    'its volume keeps no modes, so chmod has no effect: mount it for this user alone, or set ' +
    `${OPEN_FILES_VARIABLE}=${path.dirname(path.resolve(file))} (docs/operations.md, "Volumes without modes")`
  );
}

/** Whether a new file keeps the mode that it is created with. True if no file can be created to find out. */
function keepsModes(folder: string): boolean {
  const probe = path.join(folder, `.mode-${randomUUID()}`);
  try {
    const descriptor = openSync(probe, 'wx', 0o600);
    try {
      return (fstatSync(descriptor).mode & 0o077) === 0;
    } finally {
      closeSync(descriptor);
      rmSync(probe);
    }
  } catch {
    return true;
  }
}

function isInOpenFolder(file: string): boolean {
  const folder = openFolder();
  if (folder === undefined) return false;
  const relative = path.relative(realpathSync(folder), realpathSync(file));
  // A name that begins with two dots may still be inside: Kubernetes mounts volumes with a folder `..data`.
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** The variable's folder. Servers refuse an invalid value at start; command lines ignore it. */
function openFolder(): string | undefined {
  const folder = process.env[OPEN_FILES_VARIABLE];
  return folder === undefined || validateOpenFilesFolder(folder) !== null ? undefined : folder;
}

/** Returns why the variable's value is invalid, to follow its name, or null. */
export function validateOpenFilesFolder(folder: string): string | null {
  const invalid = validatePath(folder);
  if (invalid !== null) return invalid;
  const { status, reason } = tryStat(folder);
  if (reason !== null) return reason;
  if (!status?.isDirectory()) return 'is not a folder';
  return realpathSync(folder) === path.parse(path.resolve(folder)).root ? 'is the root folder' : null;
}
