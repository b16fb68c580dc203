/** What a person may be called on screen. */

const LONGEST = 128;

/** Why a display name cannot be used, in words that follow its name, or null. */
export function displayNameFault(text: string): string | null {
  if (text.trim() === '') return 'is empty';
  if ([...text].length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text)) {
    return 'holds a line break, a control character or a change of direction';
  }
  return null;
}
