/** What a person may be called on screen. */

const MAX_CHARACTERS = 128;

/** Why a display name cannot be used, in words that follow its name, or null. */
export function validateDisplayName(text: string): string | null {
  if (text.trim() === '') return 'is empty';
  if ([...text].length > MAX_CHARACTERS) return `is longer than ${MAX_CHARACTERS} characters`;
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text)) {
    return 'holds a line break, a control character or a change of direction';
  }
  return null;
}
