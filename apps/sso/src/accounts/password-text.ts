/** A password as text. The account page and the hashing process import this file, so it imports nothing. */

/** In characters. */
export const PASSWORD_LENGTH = { shortest: 15, longest: 256 } as const;

/** NFKC, so that every keyboard types the same password. */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}
