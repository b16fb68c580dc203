import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { CommandError, UsageError } from './command.ts';
import { passwordReader } from './terminal.ts';

/** A terminal at which a person types: what they see, and whether the terminal itself echoes meanwhile. */
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
    /** What was seen, once nothing more is to come. */
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

test('a password is asked for twice, and nothing of it is shown', async () => {
  const { input, output, modes, asked, seen } = fakeTerminal();
  const [first, second] = [asked('Password: '), asked('The same again: ')];
  const password = passwordReader(undefined, { input, output })();
  await first;
  input.write('correct horsy\x7fe battery staple\r');
  await second;
  expect(modes).toEqual([true]); // Raw: the terminal echoes nothing by itself.
  input.write('correct horse battery staple\r');
  expect(await password).toBe('correct horse battery staple');
  expect(modes).toEqual([true, false]);
  expect(await seen()).toBe('Password: \nThe same again: \n');
});

test('both may come at once, as when they are pasted', async () => {
  const { input, output } = fakeTerminal();
  const password = passwordReader(true, { input, output })();
  input.write('Zoë, 李\rZoë, 李\r');
  expect(await password).toBe('Zoë, 李');
});

test.each([
  ['two that differ', 'one\rtwo\r', 'the two passwords differ'],
  ['an interrupt', 'correct ho\x03', 'no password was typed'],
  ['an end of input', '\x04', 'no password was typed'],
])('%s give no password, and the terminal its echo back', async (_name, typed, reason) => {
  const { input, output, modes, seen } = fakeTerminal();
  const password = passwordReader(undefined, { input, output })();
  input.write(typed);
  await expect(password).rejects.toThrow(new CommandError(reason));
  expect(modes).toEqual([true, false]);
  expect(await seen()).not.toMatch(/one|two|correct/);
});

test('without a terminal it must be said that standard input holds the password', async () => {
  const input = new PassThrough();
  const terminal = { input, output: new PassThrough() };
  expect(() => passwordReader(undefined, terminal)).toThrow(UsageError);
  const password = passwordReader(true, terminal)();
  input.end('two lines\n\n');
  expect(await password).toBe('two lines\n');
});

test.each([
  ['nothing but the password', 'correct horse', 'correct horse'],
  ['a byte order mark', '\ufeffcorrect horse', 'correct horse'],
  ['two byte order marks', '\ufeff\ufeffcorrect horse', '\ufeffcorrect horse'],
  ['a byte order mark and a newline', '\ufeffcorrect horse\n', 'correct horse'],
  ['a newline of Windows', 'correct horse\r\n', 'correct horse'],
  ['two newlines of Windows', 'correct horse\r\n\r\n', 'correct horse\r\n'],
  ['a carriage return', 'correct horse\r', 'correct horse\r'],
  ['spaces around it', ' correct horse ', ' correct horse '],
  ['a byte order mark behind it', 'correct horse\ufeff', 'correct horse\ufeff'],
])('of standard input with %s, the password is what was typed', async (_what, sent, password) => {
  const input = new PassThrough();
  const read = passwordReader(true, { input, output: new PassThrough() })();
  for (const byte of Buffer.from(sent)) input.write(Buffer.of(byte));
  input.end();
  expect(await read).toBe(password);
});
