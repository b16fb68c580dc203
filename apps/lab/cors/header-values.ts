/** Reads and splits the values of headers, as HTTP and the Fetch standard do. */
import type { Fields } from './policy.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether two names are equal except for letter case. */
export const isSameName = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** Removes the spaces and tabs around a value, as HTTP parsers do. */
export const trimValue = (value: string) => value.replace(/^[ \t]+|[ \t]+$/g, '');

/** Returns the value of a response's header, or null if the response doesn't have it. */
export function getField(fields: Fields, name: string): string | null {
  const field = fields.find(([fieldName]) => isSameName(fieldName, name));
  return field ? trimValue(field[1]) : null;
}

/** Splits a value at its commas. */
export const splitAtCommas = (value: string) => value.split(',').map(trimValue);

/**
 * Parses a list of methods or of names of headers, by the grammar of `Access-Control-Allow-Methods` and its
 * siblings: RFC 9110, section 5.6.1. Empty items don't count. A missing header is an empty list.
 *
 * @returns null if an item isn't a token, which makes the whole header invalid
 */
export function parseTokens(value: string | null): readonly string[] | null {
  const items = splitAtCommas(value ?? '').filter((item) => item !== '');
  return items.every((item) => token.test(item)) ? items : null;
}
