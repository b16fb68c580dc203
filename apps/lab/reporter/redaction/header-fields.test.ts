import { expect, it } from 'vitest';
import { redactFields } from './header-fields.ts';

const RANDOM = 'abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE';

function redact(name: string, value: string): string | undefined {
  return redactFields([[name, value]], true)[0]?.value;
}

it.each([
  ['Origin', 'https://foo.example.com', 'https://foo.example.com'],
  ['SEC-FETCH-SITE', 'same-site', 'same-site'],
  ['Access-Control-Allow-Origin', '*', '*'],
  ['session-max-age', '1800', '1800'],
  ['Authorization', 'hush hush hush', '(hidden)'],
  ['Referer', 'https://foo.example.com/?token=hush', '(hidden)'],
  ['ETag', '"hush"', '(hidden)'],
  ['Proxy-Authorization', 'Basic hush', '(hidden)'],
  ['Authorization', 'Bearer hush', 'Bearer (hidden)'],
  ['Authorization', 'hush', '(hidden)'],
  ['Authorization', 'hush hush', '(hidden)'],
  ['Authorization', 'Bearer', '(hidden)'],
  ['Location', 'https://foo.example.com/hush?hush#hush', 'https://foo.example.com/(hidden)'],
  ['Location', '/hush', '(hidden)'],
  ['Location', 'data:hush', '(hidden)'],
  // Cookies of the site's sessions show six characters of 43.
  ['Cookie', `__Host-sso=${RANDOM}; __Host-app=${RANDOM}`, '__Host-sso=abcdef…; __Host-app=abcdef…'],
  ['cookie', `theme=${RANDOM}; a=hush=hush; =hush; hush`, '(hidden); (hidden); (hidden); (hidden)'],
  ['Cookie', '__Host-sso=abcdefghijklmnopqrstu', '__Host-sso=(hidden)'],
  ['Cookie', `__Host-sso="${RANDOM}"`, '__Host-sso=(hidden)'],
  [
    'Set-Cookie',
    `__Host-app=${RANDOM}; Max-Age=1800; Path=/; HttpOnly; Secure; Priority=High; SameSite=Strict`,
    '__Host-app=abcdef…; Max-Age=1800; Path=/; HttpOnly; Secure; Priority=High; SameSite=Strict',
  ],
  [
    'set-cookie',
    '__Host-app=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; hush=hush',
    '__Host-app=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; (hidden)',
  ],
])('%s: %s is shown as %s', (name, value, shown) => {
  expect(redact(name, value)).toBe(shown);
});

it('redacted headers keep their order, spelling and repetitions, up to a hundred', () => {
  const fields = [['Vary', '1'] as const, ['age', '2'] as const, ['Vary', '3'] as const];
  expect(redactFields(fields, true).map(({ name }) => name)).toEqual(['Vary', 'age', 'Vary']);
  expect(redactFields(Array(101).fill(['age', 'b']), true)).toHaveLength(100);
});

it.each(['X-API-Key', 'Sec-Fetch-Hush', 'Sec-CH-UA-Hush', 'Access-Control-Hush', 'a'.repeat(200)])(
  'the header %s is only counted, since a client may have chosen its name',
  (name) => {
    const fields = [[name, 'hush'] as const, ['Age', '1'] as const, [name, 'hush'] as const];
    expect(redactFields(fields, true)).toEqual([
      { name: 'Age', value: '1' },
      { name: '(2 more)', value: '(hidden)' },
    ]);
  },
);

it('long header values are cut', () => {
  expect(redactFields([['Vary', 'b'.repeat(3000)]], true)[0]?.value).toHaveLength(2000);
});
