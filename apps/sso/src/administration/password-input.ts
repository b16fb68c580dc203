/** Reads a password: typed twice at a prompt that shows nothing of it, or from standard input. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { CommandError } from './command.ts';

/** Many times more than a password may have. */
const MAX_STDIN_BYTES = 65_536;

export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  /** For the prompts. Not standard output, which is for results. */
  output: NodeJS.WritableStream;
}

/** The option of a command that takes a password. */
export const PASSWORD_STDIN = ['--password-stdin', 'read the password from standard input'] as const;
const STDIN_HELP = `\
A byte order mark and one newline at the end of standard input aren't part of the password. A password is
never an argument, since every process list would show it.`;
export const PASSWORD_HELP = `\
Asks for the password twice. If standard input is not a terminal, --password-stdin is required.
${STDIN_HELP}`;
export const OPTIONAL_PASSWORD_HELP = `\
Asks for a password twice. With --no-password, or if standard input is not a terminal and --password-stdin is
missing, the account has none: nobody can sign in to it until they accept an invitation (account invite).
${STDIN_HELP}`;

/** @returns a function that reads the password. Without a terminal, `--password-stdin` is required. */
export function passwordReader(
  command: CommandUnknownOpts,
  isFromStdin: boolean | undefined,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): () => Promise<string> {
  if (terminal.input.isTTY) return () => askTwice(terminal);
  if (isFromStdin) return () => readAll(terminal.input);
  command.error(
    "error: standard input is not a terminal; to read the password from it, add '--password-stdin'",
  );
}

/** As {@link passwordReader}, where a password isn't required. @returns null if there is none to read */
export function optionalPasswordReader(
  command: CommandUnknownOpts,
  isFromStdin: boolean | undefined,
): (() => Promise<string>) | null {
  return isFromStdin || process.stdin.isTTY ? passwordReader(command, isFromStdin) : null;
}

async function askTwice({ input, output }: Terminal): Promise<string> {
  // Readline turns the terminal's echo off and would echo the line itself: discard that.
  const discard = new Writable({ write: (_chunk, _encoding, done) => done() });
  const readline = createInterface({ input, output: discard, terminal: true, historySize: 0 });
  readline.once('SIGINT', () => readline.close());
  const lines = readline[Symbol.asyncIterator]();
  const ask = async (question: string) => {
    output.write(question);
    const { value, done } = await lines.next();
    output.write('\n');
    if (done) throw new CommandError('no password was entered');
    return value;
  };
  try {
    const password = await ask('Password: ');
    if ((await ask('Repeat the password: ')) !== password)
      throw new CommandError("the passwords don't match");
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
    if (size > MAX_STDIN_BYTES) throw new CommandError('the password is too long');
    chunks.push(Buffer.from(chunk));
  }
  try {
    // The decoder drops one byte order mark, which editors on Windows write. Only the newline that `echo`
    // adds is trimmed, since a password may end with a space.
    const password = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    return password.replace(/\r?\n$/, '');
  } catch {
    throw new CommandError('the password is not UTF-8');
  }
}
