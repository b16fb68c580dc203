import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Command, CommanderError } from '@commander-js/extra-typings';
import { expect, test } from 'vitest';
import { CommandError } from './command.ts';
import { passwordReader } from './password-input.ts';

const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });

/** A terminal with a person at it. It records what they see, and when its echo is switched off. */
function fakeTerminal() {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  });
  const output = new PassThrough();
  const seen = text(output);
  return {
    input,
    output,
    modes,
    /** What was seen, at the end. */
    seen: () => {
      output.end();
      return seen;
    },
    asked: (question: string) => {
      let shown = '';
      return new Promise<void>((resolve) =>
        output.on('data', (chunk) => {
          shown += chunk;
          if (shown.endsWith(question)) resolve();
        }),
      );
    },
  };
}

test('a password is asked for twice, and none of it is shown', async () => {
  const { input, output, modes, asked, seen } = fakeTerminal();
  const [first, second] = [asked('Password: '), asked('Repeat the password: ')];
  const password = passwordReader(command, undefined, { input, output })();
  await first;
  input.write('correct horsy\x7fe battery staple\r');
  await second;
  expect(modes).toEqual([true]); // Raw: the terminal echoes nothing by itself.
  input.write('correct horse battery staple\r');
  expect(await password).toBe('correct horse battery staple');
  expect(modes).toEqual([true, false]);
  expect(await seen()).toBe('Password: \nRepeat the password: \n');
});

test('a password may be pasted for both prompts at once', async () => {
  const { input, output } = fakeTerminal();
  const password = passwordReader(command, true, { input, output })();
  input.write('Zoë, 李\rZoë, 李\r');
  expect(await password).toBe('Zoë, 李');
});

test.each([
  ['two different passwords', 'one\rtwo\r', "the passwords don't match"],
  ['an interrupt', 'correct ho\x03', 'no password was entered'],
  ['an end of input', '\x04', 'no password was entered'],
])('a password prompt fails after %s and restores the echo', async (_name, typed, reason) => {
  const { input, output, modes, seen } = fakeTerminal();
  const password = passwordReader(command, undefined, { input, output })();
  input.write(typed);
  await expect(password).rejects.toThrow(new CommandError(reason));
  expect(modes).toEqual([true, false]);
  expect(await seen()).not.toMatch(/one|two|correct/);
});

test('without a terminal, a password is read from standard input only with --password-stdin', async () => {
  const input = new PassThrough();
  const terminal = { input, output: new PassThrough() };
  expect(() => passwordReader(command, undefined, terminal)).toThrow(CommanderError);
  const password = passwordReader(command, true, terminal)();
  input.end('two lines\n\n');
  expect(await password).toBe('two lines\n');
});

test.each([
  ['nothing but the password', 'correct horse', 'correct horse'],
  ['a byte order mark', '\ufeffcorrect horse', 'correct horse'],
  ['two byte order marks', '\ufeff\ufeffcorrect horse', '\ufeffcorrect horse'],
  ['a byte order mark and a newline', '\ufeffcorrect horse\n', 'correct horse'],
  ['a Windows newline', 'correct horse\r\n', 'correct horse'],
  ['two Windows newlines', 'correct horse\r\n\r\n', 'correct horse\r\n'],
  ['a carriage return', 'correct horse\r', 'correct horse\r'],
  ['spaces around it', ' correct horse ', ' correct horse '],
  ['a byte order mark at the end', 'correct horse\ufeff', 'correct horse\ufeff'],
])('a password from standard input with %s is read exactly', async (_what, sent, password) => {
  const input = new PassThrough();
  const read = passwordReader(command, true, { input, output: new PassThrough() })();
  for (const byte of Buffer.from(sent)) input.write(Buffer.of(byte));
  input.end();
  expect(await read).toBe(password);
});
