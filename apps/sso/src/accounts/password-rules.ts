/**
 * Which passwords may be set (NIST SP 800-63B-4, section 3.1.1.2): long enough, not too common, not made of names
 * that anybody would try, and nothing else; no rule of composition. Whether one is right is for `argon2.ts` to say.
 */

import { readTextFile } from '@samesite-sso/core';
import type { Account } from '@samesite-sso/protocol';
import { PASSWORD_LENGTH } from './password-length.ts';
import { caseFold } from './username.ts';

/** As it is measured and hashed: NFKC, so that every keyboard types the same password. */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/** Letters, digits and signs that must be left of a password without the names in it: as much as the shortest that OWASP ASVS 5, 6.2.1 lets pass. */
const OWN_CHARACTERS = 8;

/** A shorter word is no name to be told from chance: removing it would only take the heart out of good passwords. */
const SHORTEST_NAME = 3;

/** Whose password it is to be. */
export type PasswordOwner = Pick<Account, 'username' | 'displayName'>;

/**
 * Why a password cannot be set, in words that follow "the password", or null. Lengths are code points.
 *
 * @param contextWords what the site and its apps are called (`SSO_PASSWORD_WORDS`; OWASP ASVS 5, 6.2.11)
 */
export function validatePassword(
  password: string,
  owner: PasswordOwner,
  contextWords: readonly string[] = [],
): string | null {
  if (!password.isWellFormed()) return 'holds half of a character';
  const normal = normalizePassword(password);
  const length = [...normal].length;
  const { shortest, longest } = PASSWORD_LENGTH;
  if (length < shortest) return `is shorter than ${shortest} characters`;
  if (length > longest) return `is longer than ${longest} characters`;
  const folded = caseFold(normal);
  if (isRepetition(folded) || commonPasswords().has(folded))
    return 'is one of the common ones, which are tried first';
  if (isMadeOfNames(folded, owner, contextWords)) return 'is little more than names that anybody would try';
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
  const telling = names.filter((name) => [...name].length >= SHORTEST_NAME);
  // The longest first: "lovelace" would leave "ada " of "ada lovelace".
  telling.sort((one, other) => other.length - one.length);
  const left = telling.reduce((rest, name) => rest.replaceAll(name, ''), folded);
  return left !== folded && [...left.replace(/[\p{P}\p{Z}]/gu, '')].length < OWN_CHARACTERS;
}

/** Whether a text is a shorter one over and over; such passwords are too many to list. */
function isRepetition(text: string): boolean {
  return (text + text).indexOf(text, 1) < text.length;
}

let list: ReadonlySet<string> | undefined;

/**
 * The passwords of 15 characters and more among the million most used, case folded. Facts from the list
 * that Mark Burnett gave to the public domain, as kept by SecLists.
 */
function commonPasswords(): ReadonlySet<string> {
  list ??= readPasswordList(new URL('./common-passwords.txt', import.meta.url));
  return list;
}

/** Reads one password per line. With carriage returns left in, no password would match. */
export function readPasswordList(file: string | URL): ReadonlySet<string> {
  return new Set(readTextFile(file).split('\n'));
}
