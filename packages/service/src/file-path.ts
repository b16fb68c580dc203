/**
 * Checks the paths that an operator sets. A path that passes means the same file to every reader. Without
 * these checks it might not: better-sqlite3 trims paths, and SQLite gives some names a meaning of its own.
 */
import { statSync } from 'node:fs';
import { quoted } from './printable.ts';

/** What is wrong with a path, in words that follow the name of its setting, or null. */
export function pathFault(value: string): string | null {
  const fault = findFault(value);
  return fault === null ? null : `${fault} (it is ${quoted(value)})`;
}

function findFault(value: string): string | null {
  if (value.trim() === '') return 'is empty';
  if (/\p{Cc}/u.test(value)) return 'holds a control character';
  if (!value.isWellFormed()) return 'holds half of a character';
  if (value.trim() !== value || /^\p{Cf}|\p{Cf}$/u.test(value)) return 'has white space around it';
  if (/^["'`]|["'`]$/.test(value)) return 'has quotes around it, which belong to a shell';
  return null;
}

/** The same for the path of a database. */
export function databasePathFault(value: string): string | null {
  const fault = pathFault(value);
  if (fault !== null) return fault;
  // `:memory:`; SQLite reserves all names that begin with a colon (https://sqlite.org/c3ref/open.html). A
  // database in memory is lost when the process ends, and the command line can't see it.
  if (value.startsWith(':')) return `is not the path of a file (it is ${quoted(value)})`;
  if (/^file:/i.test(value)) return `is a URI, not a path (it is ${quoted(value)})`;
  if (/[\\/]$/.test(value)) return `is the path of a folder, not of a file (it is ${quoted(value)})`;
  const status = statSync(value, { throwIfNoEntry: false });
  if (status?.isDirectory()) return `is a folder, not a file (it is ${quoted(value)})`;
  if (status?.isFile() === false) return `is not a regular file (it is ${quoted(value)})`;
  return null;
}
