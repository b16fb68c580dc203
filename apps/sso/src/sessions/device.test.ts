import { expect, test } from 'vitest';
import { describeDevice } from './device.ts';

const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0';
const SAFARI = 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5';

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  ['Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox on Android'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`, 'Chrome on Windows'],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/140.0.0.0`,
    'Microsoft Edge on Windows',
  ],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI} Safari/605.1.15`, 'Safari on macOS'],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${SAFARI} Mobile/15E148 Safari/604.1`,
    'Safari on iOS',
  ],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${CHROME} Safari/537.36`, 'Chrome on Chrome OS'],
  ['Something (X11; Linux x86_64)', 'Unknown browser on Linux'],
])('the User-Agent %s is shown as %s', (userAgent, device) => {
  expect(describeDevice(userAgent)).toBe(device);
});

test.each([
  '',
  ' ',
  'curl/8.5.0',
  'Your-Bank/1.0 (you are safe)',
  '<script>alert(1)</script>/1 (',
  '\u202egnp.exe/1 x',
  'toString/1 x',
  '__proto__/1 x',
])('an unknown browser’s name is never shown: %j', (userAgent) => {
  expect(describeDevice(userAgent)).toBe('Unknown device');
});

test('the longest stored User-Agent is parsed fast, even one made to slow the parser down', () => {
  const parts = [
    '(',
    ' ',
    '/',
    '1.',
    'Android ',
    'Version/',
    'Chrome/',
    'Mozilla/5.0 ',
    'Windows NT ',
    '((a/',
  ];
  const texts = parts.flatMap((one) => parts.map((two) => (one + two).repeat(256).slice(0, 256)));
  const before = performance.now();
  for (const text of texts) describeDevice(text);
  expect((performance.now() - before) / texts.length).toBeLessThan(20);
});
