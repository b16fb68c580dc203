import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExperimentRequest } from '../cors/experiment-request.ts';
import { curlCommand } from './curl-command.ts';
import { formPost, get, jsonPut } from './right-policy.ts';

const PAGE = 'http://lab.example.localhost:4010';
const URL_OF_RUN = 'http://target.example.localhost:4010/target/k3vTq0aZ5uWbX9dE';

const commandOf = (request: ExperimentRequest) => curlCommand(request, URL_OF_RUN, PAGE);

/** Runs the commands in a shell, and returns the arguments and the standard input that each curl gets. */
function runInShell(commands: readonly string[]): { words: string[]; input: Buffer }[] {
  // NUL separates the arguments, hexadecimal digits keep the bytes.
  const stub = [
    'hex() { od -An -v -tx1 | tr -d " \\n"; }',
    'curl() { printf "%s\\0" "$@" | hex; printf " "; hex; printf "\\n"; }',
  ];
  const script = [...stub, ...commands.map((command) => `{ ${command}\n} </dev/null`)].join('\n');
  const output = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
  return output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [words = '', input = ''] = line.split(' ');
      return {
        words: Buffer.from(words, 'hex').toString().split('\0').slice(0, -1),
        input: Buffer.from(input, 'hex'),
      };
    });
}

describe('the curl command', () => {
  test('of a GET names the page’s origin and the address of the target’s host', () => {
    expect(commandOf(get)).toBe(
      'curl --include --resolve target.example.localhost:4010:127.0.0.1 ' +
        `--header 'Origin: ${PAGE}' ${URL_OF_RUN}`,
    );
  });

  test('of a PUT has its method, headers and body', () => {
    expect(commandOf(jsonPut)).toBe(
      'curl --include --resolve target.example.localhost:4010:127.0.0.1 --request PUT ' +
        `--header 'Origin: ${PAGE}' --header 'Content-Type: application/json' ` +
        `--data-raw '{"amount":10}' ${URL_OF_RUN}`,
    );
  });

  test('of an https URL uses port 443 by default', () => {
    const command = curlCommand(get, 'https://target.example.localhost/target/x', PAGE);
    expect(command).toContain('--resolve target.example.localhost:443:127.0.0.1');
  });

  test('of a HEAD sends no body and doesn’t wait for one', () => {
    const command = commandOf({ ...get, method: 'head', body: 'x' });
    expect(command).toContain(' --head ');
    expect(command).not.toMatch(/--request|--data/);
  });

  test('of a body without a Content-Type has the one that a browser would send', () => {
    expect(commandOf({ ...formPost, headers: [] })).toContain(
      "--header 'Content-Type: text/plain;charset=UTF-8'",
    );
  });

  test('has no header that browsers drop', () => {
    const headers: ExperimentRequest['headers'] = [
      ['Content-Length', '5'],
      ['Origin', 'http://other.example'],
      ['X-Own', 'kept'],
    ];
    const command = commandOf({ ...formPost, headers });
    expect(command).toContain("--header 'X-Own: kept'");
    expect(command).not.toMatch(/Content-Length|other/);
  });

  test('sends a header without a value', () => {
    expect(commandOf({ ...get, headers: [['X-Empty', ' ']] })).toContain("--header 'X-Empty;'");
  });

  test('sends a body that starts with @ as it is', () => {
    expect(commandOf({ ...formPost, body: '@/etc/passwd' })).toContain('--data-raw @/etc/passwd');
  });

  test('has no control character and no look-alike letter for any body [T-LAB-06]', () => {
    const command = commandOf({ ...formPost, body: '-a\r\n\u001b[201~\u202e%\\’' });
    expect(command).toMatch(/^[\x20-\x7e]+$/);
    expect(command).toContain(
      "printf '\\055a\\015\\012\\033[201~\\342\\200\\256\\045\\134\\342\\200\\231' | curl ",
    );
    expect(command).toContain('--data-binary @-');
  });

  test('passes the same words and bytes through a shell to curl [T-LAB-06]', () => {
    const awkward = ["'", "''", '$(id)', '`id`', '"$HOME"', '!!', '\\', '*', '~', '-x', '#', ';', '\n', '\0'];
    const text = fc.oneof(
      fc.string({ maxLength: 40, unit: 'binary' }),
      fc.array(fc.constantFrom(...awkward), { maxLength: 10 }).map((parts) => parts.join('')),
    );
    const value = text.map((generated) => `v${generated.replace(/[^\x20-\x7e]/g, '')}`);
    const requests = fc.sample(
      fc.record({ method: fc.constantFrom('POST', "it's", '-X'), body: text, value }),
      { numRuns: 40, seed: 13 },
    );
    const received = runInShell(
      requests.map(({ method, body, value }) =>
        commandOf({ ...formPost, method, body, headers: [['Content-Type', value]] }),
      ),
    );
    for (const [index, { method, body, value }] of requests.entries()) {
      const { words = [], input } = received[index] ?? {};
      expect(words.slice(0, 5)).toEqual(['--include', '--resolve', expect.any(String), '--request', method]);
      expect(words).toContain(`Content-Type: ${value}`);
      expect(words.at(-1)).toBe(URL_OF_RUN);
      const [option, data = ''] = words.slice(-3, -1);
      const sent = option === '--data-raw' ? Buffer.from(data) : input;
      expect(sent).toEqual(Buffer.from(body));
    }
  });
});
