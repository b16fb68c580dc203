/**
 * JSON that every reader understands alike: I-JSON (RFC 7493, section 2). Of a name that stands twice in an object,
 * or of bytes that are no characters, a proxy may have read something else than we would.
 */

/** What there is in JSON but numbers, arrays and words: texts, with the colon after a name, and objects. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g;

/** @throws {Error} when it is not I-JSON, or would poison a prototype; its words may quote the text */
export function parseStrictJson(bytes: Buffer): unknown {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const value: unknown = JSON.parse(text);
  // The value does not tell: of a name that stands twice the parser has kept the last. But it is JSON, so that what
  // looks like a token is one.
  const objects: Set<string>[] = [];
  for (const [token, quoted, colon] of text.matchAll(TOKENS)) {
    if (token === '{') objects.push(new Set());
    else if (token === '}') objects.pop();
    else if (quoted !== undefined) {
      const read: string = JSON.parse(quoted);
      if (!read.isWellFormed()) throw new SyntaxError('half of a character');
      if (colon !== undefined) addName(objects.at(-1), read);
    }
  }
  return value;
}

function addName(names: Set<string> | undefined, name: string): void {
  if (name === '__proto__') throw new SyntaxError('the name of a prototype');
  if (names?.has(name)) throw new SyntaxError('a name twice');
  names?.add(name);
}
