/**
 * What may reach a terminal, by the command line or by a log that somebody follows: no text from outside moves its
 * cursor, changes its title or hides what follows.
 */

/** Control characters but the newline, halves of characters, separators of lines, and changes of direction. */
const UNSAFE = /[^\P{Cc}\n]|[\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/** Escaped as in JSON, so that JSON stays what it was. */
export function escapeControlCharacters(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** The same for what must stay in its line. */
export function escapeLine(text: string): string {
  return escapeControlCharacters(text).replaceAll('\n', escaped);
}

/** Invisible characters: control, format and unassigned ones, and white space other than the space. */
const INVISIBLE = /\p{C}|[^\P{Z} ]/gu;

/**
 * Quotes a value for a message, and escapes what is invisible. The quotes show a space at either end.
 */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(INVISIBLE, escaped);
}

/** A character outside the Basic Multilingual Plane becomes two escapes, as in JSON. */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
