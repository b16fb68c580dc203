/**
 * Checks the paths that an operator sets. A path that passes means the same file to every reader. Without
 * these checks it might not: better-sqlite3 trims paths, and SQLite gives some names a special meaning.
 */
import { type Stats, statSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';

/** Returns why a path is invalid, to follow the name of its setting, or null. */
export function validatePath(value: string): string | null {
  if (value.trim() === '') return 'is empty';
  if (/\p{Cc}/u.test(value)) return 'contains a control character';
  if (!value.isWellFormed()) return 'contains a lone surrogate';
  if (value.trim() !== value || /^\p{Cf}|\p{Cf}$/u.test(value)) return 'has white space around it';
  if (/^["'`]|["'`]$/.test(value)) return 'has quotes around it, which belong to a shell';
  return null;
}

/** The same for the path of a database. */
export function validateDatabasePath(value: string): string | null {
  const reason = validatePath(value);
  if (reason !== null) return reason;
  // `:memory:`; SQLite reserves all names that begin with a colon (https://sqlite.org/c3ref/open.html). A
  // database in memory is lost when the process ends, and the command line can't see it.
  if (value.startsWith(':')) return 'is not the path of a file';
  if (/^file:/i.test(value)) return 'is a URI, not a path';
  if (/[\\/]$/.test(value)) return 'is the path of a folder, not of a file';
  const found = tryStat(value);
  if (found.reason !== null) return found.reason;
  if (found.status?.isDirectory()) return 'is a folder, not a file';
  if (found.status?.isFile() === false) return 'is not a regular file';
  return null;
}

/** Returns the status of a file, if there is one, or why it can't be read, such as `EACCES`. */
export function tryStat(value: string): { status: Stats | undefined; reason: string | null } {
  try {
    return { status: statSync(value, { throwIfNoEntry: false }), reason: null };
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    return { status: undefined, reason: `can't be used: ${code}, ${getSystemErrorMessage(errno)}` };
  }
}
