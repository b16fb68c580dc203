/**
 * Which passwords may be set (NIST SP 800-63B-4, section 3.1.1.2): long enough, not too common, and nothing
 * else; no rule of composition. Whether one is right is for `argon2.ts` to say.
 */
import { readFileSync } from 'node:fs';
import { usernameKey } from '../accounts/username.ts';
import { PASSWORD_LENGTH } from './password-length.ts';

/** As it is measured and hashed: NFKC, so that every keyboard types the same password. */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/** Why a password cannot be set, in words that follow "the password", or null. Lengths are code points. */
export function passwordFault(password: string, username: string): string | null {
  if (!password.isWellFormed()) return 'holds half of a character';
  const normal = normalizePassword(password);
  const length = [...normal].length;
  const { shortest, longest } = PASSWORD_LENGTH;
  if (length < shortest) return `is shorter than ${shortest} characters`;
  if (length > longest) return `is longer than ${longest} characters`;
  const folded = usernameKey(normal);
  if (folded === usernameKey(username)) return 'is the username';
  if (isRepetition(folded) || commonPasswords().has(folded))
    return 'is one of the common ones, which are tried first';
  return null;
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
  list ??= new Set(readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8').split('\n'));
  return list;
}
