/** The lines of a file, read one by one: however large the file is and whatever it holds, memory is bounded. */

/** Bytes, many times more than the longest line that anyone needs. */
const MAX_LINE_BYTES = 8192;
const NEWLINE = 0x0a;

export type Line = { text: string } | { fault: string };

/** Every line that is not blank, with its number; a byte order mark is none of the text. */
export async function* readLines(input: AsyncIterable<Buffer>): AsyncGenerator<Line & { number: number }> {
  let number = 1;
  for await (const bytes of splitLines(input)) {
    const line = decode(bytes);
    if (!('text' in line) || line.text.trim() !== '') yield { ...line, number };
    number += 1;
  }
}

/** What is beyond a line's longest is not kept. */
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
  if (bytes.length > MAX_LINE_BYTES) return { fault: `is longer than ${MAX_LINE_BYTES} bytes` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { fault: 'is not UTF-8' };
  }
}
