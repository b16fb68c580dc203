import { describe, expect, it } from 'vitest';
import { computeCode, createSecret, findTimeStep, toAuthenticatorUri, toBase32, toTimeStep } from './totp.ts';

const SECRET = Buffer.from('12345678901234567890');
/** RFC 6238, appendix B: seconds since the epoch, and codes of eight digits. */
const VECTORS: [number, string][] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
];
/** RFC 4226, appendix D: the codes of the counters 0 to 9. */
const CODES = [
  ...['755224', '287082', '359152', '969429', '338314'],
  ...['254676', '287922', '162583', '399871', '520489'],
];
const NOW = 1_764_500_000_000;
const codeAt = (now: number) => computeCode(SECRET, toTimeStep(now));

describe('the code of an authenticator app', () => {
  it.each(VECTORS)('is that of RFC 6238, appendix B, at %i s', (seconds, code) => {
    expect(codeAt(seconds * 1000)).toBe(code.slice(2));
    expect(findTimeStep(SECRET, code.slice(2), seconds * 1000)).toBe(toTimeStep(seconds * 1000));
  });

  it.each([...CODES.entries()])('is that of RFC 4226, appendix D, for the counter %i', (counter, code) => {
    expect(computeCode(SECRET, counter)).toBe(code);
  });

  it('is accepted in its own time step and in the next one, and at no other time', () => {
    const code = codeAt(NOW);
    const step = toTimeStep(NOW);
    const startMs = step * 30_000;
    const found = (now: number) => findTimeStep(SECRET, code, now);
    expect([startMs, startMs + 29_999, startMs + 30_000, startMs + 59_999].map(found)).toEqual(
      Array(4).fill(step),
    );
    expect([startMs - 1, startMs + 60_000].map(found)).toEqual([null, null]);
  });

  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６', ' 12345'])('isn’t %j', (code) => {
    expect(findTimeStep(SECRET, code, NOW)).toBeNull();
  });

  it('of another secret is refused', () => {
    const refused = Array.from({ length: 20 }, () => findTimeStep(createSecret(), codeAt(NOW), NOW));
    expect(refused.filter((step) => step === null).length).toBeGreaterThanOrEqual(19);
  });

  it('is of the later of two time steps that have the same one, so that it is used up for both', () => {
    const step = 910_738;
    expect([step - 1, step].map((each) => computeCode(SECRET, each))).toEqual(['911617', '911617']);
    expect(findTimeStep(SECRET, '911617', step * 30_000)).toBe(step);
  });
});

describe('the secret of an authenticator app', () => {
  it('has 160 bits and is never the same', () => {
    const secrets = Array.from({ length: 100 }, createSecret);
    expect(secrets.every(({ length }) => length === 20)).toBe(true);
    expect(new Set(secrets.map(String)).size).toBe(100);
  });

  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('%j is in base 32 as in RFC 4648, section 10, without padding', (text, encoded) => {
    expect(toBase32(Buffer.from(text))).toBe(encoded);
  });

  it('is passed on in a URI that every app reads', () => {
    expect(toAuthenticatorUri(SECRET, 'example.com', 'ada')).toBe(
      'otpauth://totp/example.com:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=example.com' +
        '&algorithm=SHA1&digits=6&period=30',
    );
    const label = (username: string) => toAuthenticatorUri(SECRET, 'example.com', username).split('?')[0];
    expect(label('ada+1@example.com')).toBe('otpauth://totp/example.com:ada%2B1%40example.com');
    expect(label('a:b?c&d')).toBe('otpauth://totp/example.com:a%20b%3Fc%26d');
  });
});
