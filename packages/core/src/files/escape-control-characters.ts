/** Makes text safe for a terminal: it can't move the cursor, change the title or hide what follows. */

/** Control characters but not the newline; lone surrogates, line separators and text direction changes. */
const UNSAFE = /[^\P{Cc}\n]|[\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/** Escapes as JSON does, so that JSON keeps its meaning. */
export function escapeControlCharacters(text: string): string {
  return text.replace(UNSAFE, toUnicodeEscapes);
}

/** Also escapes newlines, for text that must stay on one line. */
export function escapeLine(text: string): string {
  return escapeControlCharacters(text).replaceAll('\n', toUnicodeEscapes);
}

/** Control, format and unassigned characters, and white space other than the space. */
const INVISIBLE = /\p{C}|[^\P{Z} ]/gu;

/** Quotes a value for a message, and escapes invisible characters. The quotes show a space at either end. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(INVISIBLE, toUnicodeEscapes);
}

/** A character outside the Basic Multilingual Plane becomes two escapes, as in JSON. */
function toUnicodeEscapes(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
