/** Writes an experiment's request as a `curl` command for a POSIX shell. */
import type { ExperimentRequest } from '../cors/experiment-request.ts';
import { filterHeaders, normalizeMethod } from '../cors/prepare-request.ts';

/**
 * Returns the command that sends `request` to `url`, which names a loopback host, as a page of `pageOrigin`
 * would. No browser is involved: no preflight, no cookies, and the whole response can be read.
 */
export function curlCommand(request: ExperimentRequest, url: string, pageOrigin: string): string {
  const { hostname, port, protocol } = new URL(url);
  const method = normalizeMethod(request.method);
  // Browsers send no body with these methods.
  const body = method === 'GET' || method === 'HEAD' ? null : request.body;
  // Not every resolver knows `*.localhost`.
  const resolve = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}:127.0.0.1`;
  const words = [
    'curl',
    '--include',
    ['--resolve', resolve],
    methodOption(method),
    ['--header', `Origin: ${pageOrigin}`],
    filterHeaders({ ...request, body }).headers.flatMap(([name, value]) => [
      '--header',
      toHeaderOption(name, value),
    ]),
    body === null ? [] : bodyOption(body),
    url,
  ];
  const curl = words.flat().map(quote).join(' ');
  return body === null || isPrintable(body) ? curl : `printf ${quote(toFormat(body))} | ${curl}`;
}

function methodOption(method: string): string[] {
  if (method === 'GET') return [];
  // With `--request HEAD`, curl would wait for a body.
  return method === 'HEAD' ? ['--head'] : ['--request', method];
}

/** With a colon and no value, curl would omit the header. */
function toHeaderOption(name: string, value: string): string {
  return value === '' ? `${name};` : `${name}: ${value}`;
}

/** `--data` would read a file if the body started with `@`. */
function bodyOption(body: string): string[] {
  return isPrintable(body) ? ['--data-raw', body] : ['--data-binary', '@-'];
}

function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/**
 * Returns a format that makes `printf` write `text`. The body may come from a link that somebody shared, and
 * control characters in a pasted command would control the terminal.
 */
function toFormat(text: string): string {
  const toOctal = (byte: number) => `\\${byte.toString(8).padStart(3, '0')}`;
  return [...new TextEncoder().encode(text)]
    .map((byte, index) => {
      const character = String.fromCharCode(byte);
      // `printf` would read a leading hyphen as an option.
      const isLiteral =
        isPrintable(character) && !/[%\\]/.test(character) && (index > 0 || character !== '-');
      return isLiteral ? character : toOctal(byte);
    })
    .join('');
}

/** Quotes a word for a POSIX shell, in which nothing is special between single quotes. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
