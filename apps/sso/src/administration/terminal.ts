/** How passwords come in: typed twice at a prompt that shows nothing of them, or from standard input. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError, UsageError } from './command.ts';

/** Bytes of standard input that are read for a password, many times more than one may have. */
const LIMIT = 65_536;

export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  /** Where the prompts go: not standard output, which belongs to the answer. */
  output: NodeJS.WritableStream;
}

const TERMINAL: Terminal = { input: process.stdin, output: process.stderr };

/** What such a command says about its option. */
export const PASSWORD_STDIN = {
  purpose:
    'read the password from standard input, without a byte order mark before it and one newline after it',
};
export const PASSWORD_DETAILS =
  'The password is asked for twice at a prompt. Where standard input is no terminal, it must be said that the\n' +
  'password comes from there. It is never an argument: those show in the list of processes.';

/**
 * @param isFromStdin what `--password-stdin` says
 * @returns what reads the password, once it is time to
 * @throws {UsageError} when nobody could type it, and standard input is not said to hold it
 */
export function passwordReader(
  isFromStdin: boolean | undefined,
  { input, output }: Terminal = TERMINAL,
): () => Promise<string> {
  if (input.isTTY) return () => prompt({ input, output });
  if (isFromStdin) return () => readAll(input);
  throw new UsageError('--password-stdin is missing, and standard input is no terminal to ask at');
}

async function prompt({ input, output }: Terminal): Promise<string> {
  // With a terminal, readline turns its echo off and edits the line itself; its own output goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const readline = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  const lines = readline[Symbol.asyncIterator]();
  readline.once('SIGINT', () => readline.close());
  const ask = async (question: string) => {
    output.write(question);
    const { value, done } = await lines.next();
    output.write('\n');
    if (done) throw new CommandError('no password was typed');
    return value;
  };
  try {
    const password = await ask('Password: ');
    if ((await ask('The same again: ')) !== password) throw new CommandError('the two passwords differ');
    return password;
  } finally {
    readline.close();
  }
}

async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > LIMIT) throw new CommandError('the password is too long');
    chunks.push(Buffer.from(chunk));
  }
  try {
    // The decoder drops one byte order mark, which editors on Windows write. Of the rest, only the one
    // newline that `echo` adds is trimmed: a password may end with a space.
    const password = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    return password.replace(/\r?\n$/, '');
  } catch {
    throw new CommandError('the password is not UTF-8');
  }
}
