/** Reads the lines of a file one by one, in bounded memory for any file. */

/** More than a line with 100 groups and three names at their limits, even with every character escaped. */
const MAX_LINE_BYTES = 65_536;
const NEWLINE = 0x0a;

export type Line = { text: string } | { error: string };

/** Yields every line that isn't blank, without a byte order mark. */
export async function* readLines(input: AsyncIterable<Buffer>): AsyncGenerator<Line & { number: number }> {
  let number = 1;
  for await (const bytes of splitLines(input)) {
    const line = decode(bytes);
    if (!('text' in line) || line.text.trim() !== '') yield { ...line, number };
    number += 1;
  }
}

/** Drops the rest of a line that is too long. */
async function* splitLines(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer) => {
    if (size <= MAX_LINE_BYTES) parts.push(part.subarray(0, MAX_LINE_BYTES + 1 - size));
    size += part.length;
  };
  for await (const chunk of input) {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      keep(rest.subarray(0, end));
      yield Buffer.concat(parts);
      parts = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
    keep(rest);
  }
  yield Buffer.concat(parts);
}

function decode(bytes: Buffer): Line {
  if (bytes.length > MAX_LINE_BYTES) return { error: `longer than ${MAX_LINE_BYTES} bytes` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { error: 'not UTF-8' };
  }
}
