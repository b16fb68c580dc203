/** How usernames are written and compared. Who bears one is the account store's. */

const LONGEST = 64;

/** A username as it is kept and shown: NFKC, so that what looks the same is the same. */
export function normalizeUsername(text: string): string {
  return text.normalize('NFKC');
}

/**
 * What two spellings of one username have in common: NFKC and case folding. JavaScript has no fold of its
 * own; lower, upper and then lower case folds what lower case alone does not (ß, its capital and SS, the two
 * small sigmas), and only the dotless ı too far: it is a letter of its own, and no i.
 */
export function usernameKey(text: string): string {
  const folded = text
    .normalize('NFKC')
    .replace(/[^ı]+/g, (part) => part.toLowerCase().toUpperCase().toLowerCase());
  return folded.normalize('NFKC');
}

/** Why a username cannot be given to a new account, in words that follow its name, or null. */
export function usernameFault(text: string): string | null {
  const username = normalizeUsername(text);
  const length = [...username].length;
  if (length === 0) return 'is empty';
  if (length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (username.startsWith('-')) return 'starts with a hyphen, which a command line takes for an option';
  if (/[\p{C}\p{Z}]/u.test(username)) return 'holds a space or an invisible character';
  return null;
}
