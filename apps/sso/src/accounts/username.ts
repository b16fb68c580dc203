/**
 * How usernames are written and compared: the one place for sign-in, throttling, the command line and
 * imports. Who bears one is the account store's.
 */

/** As long as a mail address may be (RFC 5321, section 4.5.3.1.3). */
const MAX_CHARACTERS = 254;
const RULES =
  `a username has 1 to ${MAX_CHARACTERS} characters, doesn't start with a hyphen, and has no white space, ` +
  'control characters or invisible characters in it; around it they are ignored';

/**
 * Code points that show nothing: zero-width, bidirectional marks, soft hyphens, variation selectors (UAX
 * #44).
 */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}+/gu;
/** The Braille blank is neither white space nor ignorable to Unicode, and looks like a space all the same. */
const BLANK = String.raw`[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]`;
const SURROUNDINGS = new RegExp(`^${BLANK}+|${BLANK}+$`, 'gu');
const UNFIT = new RegExp(String.raw`${BLANK}|\p{C}`, 'u');

/** A username as it is kept and shown: NFKC, without the white space that a phone or a mail put around it. */
export function normalizeUsername(text: string): string {
  // Trimmed first: NFKC makes a space and an accent of some characters, and that space is no surrounding.
  return text.replace(SURROUNDINGS, '').normalize('NFKC');
}

/**
 * What two spellings of one username have in common: NFKC, case folding, and nothing that can't be seen. New
 * usernames hold nothing invisible, but what is pasted into a login may, anywhere in it.
 */
export function usernameKey(text: string): string {
  // Without what stood between them, a letter and its accent may be one character.
  const visible = text.normalize('NFKC').replace(INVISIBLE, '').normalize('NFKC');
  return caseFold(visible.replace(SURROUNDINGS, ''));
}

/**
 * NFKC and case folding. JavaScript has no fold of its own; lower, upper and then lower case folds what lower
 * case alone does not (ß, its capital and SS, the two small sigmas), and only the dotless ı too far: it is a
 * letter of its own, and no i.
 */
export function caseFold(text: string): string {
  const folded = text
    .normalize('NFKC')
    .replace(/[^ı]+/g, (part) => part.toLowerCase().toUpperCase().toLowerCase());
  return folded.normalize('NFKC');
}

/** Why a username cannot be given to a new account, and the rules, in words that follow its name, or null. */
export function usernameFault(text: string): string | null {
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
