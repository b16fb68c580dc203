/**
 * Paths as an operator writes them. What is accepted names the same file to every reader: better-sqlite3
 * trims a path, and SQLite gives some names a meaning of their own.
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
  // `:memory:`, and all that begins so is reserved (https://sqlite.org/c3ref/open.html). What is in memory
  // would be gone at the end, and the command line would never see it.
  if (value.startsWith(':')) return `is not the path of a file (it is ${quoted(value)})`;
  if (/^file:/i.test(value)) return `is a URI, not a path (it is ${quoted(value)})`;
  if (/[\\/]$/.test(value)) return `is the path of a folder, not of a file (it is ${quoted(value)})`;
  const status = statSync(value, { throwIfNoEntry: false });
  if (status?.isDirectory()) return `is a folder, not a file (it is ${quoted(value)})`;
  if (status?.isFile() === false) return `is not a regular file (it is ${quoted(value)})`;
  return null;
}
