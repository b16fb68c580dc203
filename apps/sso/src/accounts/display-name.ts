/** Validates the name that is shown for a person. */

const MAX_CHARACTERS = 128;
/** Line and paragraph separators, control characters, lone surrogates and bidirectional controls. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** @returns why a display name can't be used, as the end of a sentence that starts with it, or null */
export function validateDisplayName(text: string): string | null {
  if (text.trim() === '') return 'is empty';
  if ([...text].length > MAX_CHARACTERS) return `is longer than ${MAX_CHARACTERS} characters`;
  if (FORBIDDEN.test(text)) return 'contains a line break, a control character or a bidirectional control';
  return null;
}
