/**
 * JSON that a person has written: what is wrong with it is told with its place. A name that stands twice in
 * an object is refused, since the parser would silently take the last (RFC 7493, section 2.3).
 */

/** Where in a text, and what was expected there. */
export class JsonFault extends Error {
  readonly line: number;
  readonly column: number;
  /** The character that is there; empty at the end. */
  readonly found: string;

  constructor(text: string, offset: number, expected: string) {
    super(expected);
    const before = text.slice(0, offset);
    this.line = lineAt(text, offset);
    this.column = offset - before.lastIndexOf('\n');
    this.found = [...text.slice(offset, offset + 2)][0] ?? '';
  }
}

export interface LocatedJson {
  value: unknown;
  /** Where the text is an array: the line in which each of its elements begins. */
  elementLines: readonly number[];
}

/** No file of ours is nested deeper; without a bound, a hostile one would overflow the stack. */
const MAX_DEPTH = 32;

/** RFC 8259, sections 3, 6 and 7. */
const TOKENS = {
  space: /[ \t\n\r]*/y,
  scalar: /(?:true|false|null)(?![\w])|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they have to be escaped in JSON.
  string: /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y,
};

/** @throws {JsonFault} */
export function parseLocatedJson(text: string): LocatedJson {
  const reader = new Reader(text);
  const value = reader.document();
  return { value, elementLines: reader.elementOffsets.map((offset) => lineAt(text, offset)) };
}

class Reader {
  readonly elementOffsets: number[] = [];
  readonly #text: string;
  #offset = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value('a JSON value');
    if (this.#peek() !== '') throw this.#fault('nothing more');
    return value;
  }

  #value(expected: string): unknown {
    const next = this.#peek();
    if (next === '{') return this.#nested(() => this.#object());
    if (next === '[') return this.#nested(() => this.#array());
    const token = next === '"' ? this.#string() : this.#take(TOKENS.scalar);
    if (token === null) throw this.#fault(expected);
    return JSON.parse(token);
  }

  #nested<Value>(read: () => Value): Value {
    if (this.#depth === MAX_DEPTH) throw this.#fault(`at most ${MAX_DEPTH} levels`);
    this.#depth += 1;
    this.#offset += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #array(): unknown[] {
    const elements: unknown[] = [];
    if (this.#skip(']')) return elements;
    do {
      this.#peek();
      if (this.#depth === 1) this.elementOffsets.push(this.#offset);
      elements.push(this.#value(elements.length === 0 ? 'a value or ]' : 'another value after the comma'));
    } while (this.#skip(','));
    if (!this.#skip(']')) throw this.#fault('a comma or ]');
    return elements;
  }

  #object(): Record<string, unknown> {
    const members = new Map<string, unknown>();
    if (this.#skip('}')) return {};
    do {
      if (this.#peek() !== '"') {
        throw this.#fault(
          members.size === 0 ? 'a name in double quotes or }' : 'another name after the comma',
        );
      }
      const start = this.#offset;
      const name: string = JSON.parse(this.#string());
      if (members.has(name)) throw this.#fault('a name that this object does not have yet', start);
      if (name === '__proto__') throw this.#fault('another name than that of a prototype', start);
      if (!this.#skip(':')) throw this.#fault('a colon');
      members.set(name, this.#value('a value after the colon'));
    } while (this.#skip(','));
    if (!this.#skip('}')) throw this.#fault('a comma or }');
    return Object.fromEntries(members);
  }

  #string(): string {
    const token = this.#take(TOKENS.string);
    if (token === null)
      throw this.#fault('a string in double quotes that ends in its line, with valid escapes');
    return token;
  }

  /** The next character that is no space, or nothing at the end. */
  #peek(): string {
    this.#take(TOKENS.space);
    return this.#text.charAt(this.#offset);
  }

  #skip(character: string): boolean {
    const isThere = this.#peek() === character;
    if (isThere) this.#offset += 1;
    return isThere;
  }

  #take(token: RegExp): string | null {
    token.lastIndex = this.#offset;
    const [taken = null] = token.exec(this.#text) ?? [];
    this.#offset += taken?.length ?? 0;
    return taken;
  }

  #fault(expected: string, offset = this.#offset): JsonFault {
    return new JsonFault(this.#text, offset, expected);
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
