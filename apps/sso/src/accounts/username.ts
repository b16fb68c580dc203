/**
 * Normalizes, compares and validates usernames for sign-in, throttling and the command line. The account
 * store decides whether a username is taken.
 */

/** The maximum length of a mail address (RFC 5321, section 4.5.3.1.3). */
const MAX_CHARACTERS = 254;
const RULES =
  `a username has 1 to ${MAX_CHARACTERS} characters, doesn't start with a hyphen, and has no white space, ` +
  'control characters or invisible characters in it; around it they are ignored';

/** Invisible code points: zero-width, bidirectional marks, soft hyphens, variation selectors (UAX #44). */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}+/gu;
/** Includes the Braille blank, which looks like a space but isn't white space in Unicode. */
const BLANK = String.raw`[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]`;
const SURROUNDINGS = new RegExp(`^${BLANK}+|${BLANK}+$`, 'gu');
const FORBIDDEN = new RegExp(String.raw`${BLANK}|\p{C}`, 'u');

/** The stored and displayed form: NFKC, without surrounding white space, which phones add. */
export function normalizeUsername(text: string): string {
  // Trim first: NFKC turns some characters into a space and an accent, and that space is part of the name.
  return text.replace(SURROUNDINGS, '').normalize('NFKC');
}

/**
 * The key by which usernames are compared: NFKC, case-folded, without invisible characters, which pasted text
 * may contain.
 */
export function usernameKey(text: string): string {
  // Normalize again: without the character between them, a letter and its accent may compose.
  const visible = text.normalize('NFKC').replace(INVISIBLE, '').normalize('NFKC');
  return caseFold(visible.replace(SURROUNDINGS, ''));
}

/**
 * NFKC and case folding, which JavaScript lacks. Converting to lower, upper and lower case also folds ß, its
 * capital and SS, and the two small sigmas. The dotless ı is left out, because it would become an i.
 */
export function caseFold(text: string): string {
  const folded = text
    .normalize('NFKC')
    .replace(/[^ı]+/g, (part) => part.toLowerCase().toUpperCase().toLowerCase());
  return folded.normalize('NFKC');
}

/** @returns why a new account can't have this username, with the rules, as the end of a sentence; or null */
export function validateUsername(text: string): string | null {
  const reason = findReason(normalizeUsername(text));
  return reason === null ? null : `${reason} (${RULES})`;
}

function findReason(username: string): string | null {
  const length = [...username].length;
  if (length === 0) return 'is empty';
  if (length > MAX_CHARACTERS) return `is longer than ${MAX_CHARACTERS} characters`;
  if (username.startsWith('-')) return 'starts with a hyphen, like a command-line option';
  if (FORBIDDEN.test(username)) return 'contains white space or an invisible character';
  return null;
}
