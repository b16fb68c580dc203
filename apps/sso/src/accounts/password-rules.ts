/**
 * Which passwords may be set (NIST SP 800-63B-4, section 3.1.1.2): long enough, not common, and not made of
 * names that are easy to guess. There are no composition rules.
 */
import { readTextFile } from '@samesite-sso/core';
import type { Account } from '@samesite-sso/protocol';
import { normalizePassword, PASSWORD_LENGTH } from './password-text.ts';
import { caseFold } from './username.ts';

/** How many must remain without the names in it: the minimum length of OWASP ASVS 5, 6.2.1. */
const MIN_OWN_CHARACTERS = 8;

/** Names under 3 characters match by chance; stripping them would reject good passwords. */
const MIN_NAME_CHARACTERS = 3;

export type PasswordOwner = Pick<Account, 'username' | 'displayName'>;

/**
 * Lengths are code points.
 *
 * @param contextWords the names of the site and its apps (`SSO_PASSWORD_WORDS`; OWASP ASVS 5, 6.2.11)
 * @returns why the password can't be set, as the end of a sentence that starts with "the password", or null
 */
export function validatePassword(
  password: string,
  owner: PasswordOwner,
  contextWords: readonly string[] = [],
): string | null {
  if (!password.isWellFormed()) return 'contains an incomplete character';
  const normal = normalizePassword(password);
  const length = [...normal].length;
  const { shortest, longest } = PASSWORD_LENGTH;
  if (length < shortest) return `is shorter than ${shortest} characters`;
  if (length > longest) return `is longer than ${longest} characters`;
  const folded = caseFold(normal);
  if (isRepetition(folded) || commonPasswords().has(folded)) return 'is too common';
  if (isMadeOfNames(folded, owner, contextWords)) return 'is made of names that are easy to guess';
  return null;
}

function isMadeOfNames(
  folded: string,
  { username, displayName }: PasswordOwner,
  contextWords: readonly string[],
) {
  const names = [username, displayName, ...displayName.split(/[^\p{L}\p{N}]+/u), ...contextWords].map(
    caseFold,
  );
  const longNames = names.filter((name) => [...name].length >= MIN_NAME_CHARACTERS);
  // Longest first: stripping "lovelace" before "ada lovelace" would leave "ada ".
  longNames.sort((one, other) => other.length - one.length);
  const rest = longNames.reduce((text, name) => text.replaceAll(name, ''), folded);
  return rest !== folded && [...rest.replace(/[\p{P}\p{Z}]/gu, '')].length < MIN_OWN_CHARACTERS;
}

/** Whether a text repeats a shorter one. There are too many such passwords to list. */
function isRepetition(text: string): boolean {
  return (text + text).indexOf(text, 1) < text.length;
}

let list: ReadonlySet<string> | undefined;

/**
 * The passwords of at least 15 characters among the million most common, case folded. From the list that Mark
 * Burnett released into the public domain, as distributed by SecLists.
 */
function commonPasswords(): ReadonlySet<string> {
  list ??= readPasswordList(new URL('./common-passwords.txt', import.meta.url));
  return list;
}

/** Reads one password per line. With carriage returns, no password would match. */
export function readPasswordList(file: string | URL): ReadonlySet<string> {
  return new Set(readTextFile(file).split('\n'));
}
