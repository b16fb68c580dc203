import { expect, it } from 'vitest';
import { createRecoveryCodes, hashRecoveryCode } from './recovery-codes.ts';

it('there are ten recovery codes of 120 random bits each, in groups of four', () => {
  const { codes, hashes } = createRecoveryCodes();
  expect(codes).toHaveLength(10);
  for (const code of codes) expect(code).toMatch(/^([0-9A-Z]{4}-){5}[0-9A-Z]{4}$/);
  expect(codes.map(hashRecoveryCode)).toEqual(hashes);
  const others = Array.from({ length: 50 }, () => createRecoveryCodes().codes).flat();
  expect(new Set(others).size).toBe(500);
  expect(new Set(others.join('').replaceAll('-', '')).size).toBe(32);
});

it('the case, spaces and hyphens of a recovery code, and look-alike characters, don’t matter', () => {
  const hash = hashRecoveryCode('01A2-B3C4-D5E6-F7G8-H9J0-K1M2');
  expect(hash).toHaveLength(32);
  for (const typed of [
    '01A2B3C4D5E6F7G8H9J0K1M2',
    '01a2-b3c4-d5e6-f7g8-h9j0-k1m2',
    ' 01A2 B3C4 D5E6 F7G8 H9J0 K1M2\n',
    '0-1-A-2-B3C4D5E6F7G8H9J0K1M2',
    '01A2–B3C4—D5E6‑F7G8−H9J0-K1M2',
    'oia2-b3c4-d5e6-f7g8-h9jo-kim2',
    'OlA2-B3C4-D5E6-F7G8-H9JO-KlM2',
    '０１Ａ２-B3C4-D5E6-F7G8-H9J0-K1M2',
  ]) {
    expect(hashRecoveryCode(typed), typed).toEqual(hash);
  }
});

it.each([
  '',
  '123456',
  '01A2-B3C4-D5E6-F7G8-H9J0-K1M',
  '01A2-B3C4-D5E6-F7G8-H9J0-K1M20',
  '01A2-B3C4-D5E6-F7G8-H9J0-K1MU',
  '01A2_B3C4_D5E6_F7G8_H9J0_K1M2',
])('%j isn’t a recovery code', (text) => {
  expect(hashRecoveryCode(text)).toBeNull();
});
