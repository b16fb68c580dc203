/**
 * Reads a JSON Lines file with one person per line: `account import` and `account apply`. Errors quote
 * nothing of a line, since a password hash may be anywhere in it.
 */
import { createReadStream } from 'node:fs';
import { GroupName } from '@samesite-sso/protocol';
import * as v from 'valibot';
import { validateDisplayName } from '../accounts/display-name.ts';
import { validateUsername } from '../accounts/username.ts';
import { MAX_GROUPS_PER_ACCOUNT } from '../storage/group-store.ts';
import { CommandError } from './command.ts';
import { readLines } from './read-lines.ts';

/** Returns why a value can't be used, as the end of a sentence, or null. */
type Validate = (value: string) => string | null;

interface Members<Required extends string, Optional extends string> {
  required: Readonly<Record<Required, readonly [what: string, validate: Validate]>>;
  optional: Readonly<Record<Optional, readonly [what: string, validate: Validate]>>;
}

export type Person<Required extends string, Optional extends string> = Readonly<Record<Required, string>> &
  Readonly<Partial<Record<Optional, string>>> & { readonly groups?: readonly string[] };

export const USERNAME = ['the username', validateUsername] as const;
export const DISPLAY_NAME = ['the display name', validateDisplayName] as const;

/**
 * Reads all people. Besides the given members, which are strings, each may have `"groups"`.
 *
 * @param file a path, or - for standard input
 * @param note receives each error with its line
 * @throws {CommandError} if the file can't be read
 */
export async function* readPeople<Required extends string, Optional extends string>(
  file: string,
  members: Members<Required, Optional>,
  note: (line: number, error: string) => void,
): AsyncGenerator<{ line: number; person: Person<Required, Optional> }> {
  for await (const line of readLines(readFile(file))) {
    const person = 'error' in line ? [line.error] : parsePerson(line.text, members);
    if (!Array.isArray(person)) yield { line: line.number, person };
    else for (const error of person) note(line.number, error);
  }
}

async function* readFile(file: string): AsyncGenerator<Buffer> {
  try {
    yield* file === '-' ? process.stdin : createReadStream(file);
  } catch (error) {
    throw new CommandError(`can't read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** @returns the person, or the errors */
function parsePerson<Required extends string, Optional extends string>(
  text: string,
  { required, optional }: Members<Required, Optional>,
): Person<Required, Optional> | string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return ['not valid JSON'];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['not a JSON object'];
  const { groups, ...given } = value as Record<string, unknown>;
  const known: Readonly<Record<string, readonly [string, Validate]>> = { ...required, ...optional };
  const errors = Object.keys(known).flatMap((name) => {
    if (given[name] === undefined) return Object.hasOwn(required, name) ? [`"${name}" is missing`] : [];
    return typeof given[name] === 'string' ? [] : [`"${name}" isn't a string`];
  });
  if (Object.keys(given).some((name) => !Object.hasOwn(known, name))) {
    const names = [...Object.keys(known), 'groups'];
    errors.push(`only ${names.map((name) => `"${name}"`).join(', ')} are allowed`);
  }
  if (groups !== undefined) errors.push(...validateGroups(groups));
  if (errors.length > 0) return errors;
  const invalid = Object.entries(known).flatMap(([name, [what, validate]]) => {
    const error = given[name] === undefined ? null : validate(given[name] as string);
    return error === null ? [] : [`${what} ${error}`];
  });
  return invalid.length > 0 ? invalid : (value as Person<Required, Optional>);
}

function validateGroups(groups: unknown): string[] {
  if (!Array.isArray(groups)) return [`"groups" isn't an array`];
  if (groups.length > MAX_GROUPS_PER_ACCOUNT)
    return [`"groups" has more than ${MAX_GROUPS_PER_ACCOUNT} groups`];
  return groups.flatMap((group, index) => {
    const { issues = [] } = v.safeParse(GroupName, group);
    return issues.map(({ message }) => `group ${index + 1} ${message}`);
  });
}
