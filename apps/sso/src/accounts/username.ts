/**
 * Normalizes, compares and checks usernames, for sign-in, throttling, the command line and imports alike.
 * Whether one is taken is the account store's.
 */

/** As long as a mail address may be (RFC 5321, section 4.5.3.1.3). */
const MAX_CHARACTERS = 254;
const RULES =
  `a username has 1 to ${MAX_CHARACTERS} characters, doesn't start with a hyphen, and has no white space, ` +
  'control characters or invisible characters in it; around it they are ignored';

/** Invisible code points: zero-width, bidirectional marks, soft hyphens, variation selectors (UAX #44). */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}+/gu;
/**
 * Includes the Braille blank, which looks like a space but is neither white space nor ignorable in Unicode.
 */
const BLANK = String.raw`[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]`;
const SURROUNDINGS = new RegExp(`^${BLANK}+|${BLANK}+$`, 'gu');
const UNFIT = new RegExp(String.raw`${BLANK}|\p{C}`, 'u');

/**
 * A username as it is stored and shown: NFKC, without the white space that a phone or a mail adds around it.
 */
export function normalizeUsername(text: string): string {
  // Trim first: NFKC turns some characters into a space and an accent, and that space belongs to the name.
  return text.replace(SURROUNDINGS, '').normalize('NFKC');
}

/**
 * The key by which usernames are compared: NFKC, case-folded, without invisible characters. New usernames
 * contain none, but text that is pasted into a login may.
 */
export function usernameKey(text: string): string {
  // Once the character between them is gone, a letter and its accent may compose.
  const visible = text.normalize('NFKC').replace(INVISIBLE, '').normalize('NFKC');
  return caseFold(visible.replace(SURROUNDINGS, ''));
}

/**
 * NFKC and case folding. JavaScript has no case folding of its own. Lower, upper and then lower case also
 * folds ß, its capital and SS, and the two small sigmas. It goes too far for one letter only: the dotless ı,
 * which isn't an i.
 */
export function caseFold(text: string): string {
  const folded = text
    .normalize('NFKC')
    .replace(/[^ı]+/g, (part) => part.toLowerCase().toUpperCase().toLowerCase());
  return folded.normalize('NFKC');
}

/** Why a username cannot be given to a new account, and the rules, in words that follow its name, or null. */
export function validateUsername(text: string): string | null {
  const fault = faultOf(normalizeUsername(text));
  return fault === null ? null : `${fault} (${RULES})`;
}

function faultOf(username: string): string | null {
  const length = [...username].length;
  if (length === 0) return 'is empty';
  if (length > MAX_CHARACTERS) return `is longer than ${MAX_CHARACTERS} characters`;
  if (username.startsWith('-')) return 'starts with a hyphen, which a command line takes for an option';
  if (UNFIT.test(username)) return 'holds white space, or a character that cannot be seen';
  return null;
}
