import { expect, it } from 'vitest';
import { describeMembers } from './token-claims.ts';

const noteOf = (claims: Record<string, unknown>, name: string) =>
  describeMembers(claims, 'UTC').find((member) => member.name === `"${name}"`)?.note;

it('The notes say when a token was issued, and how long after that it expires', () => {
  const claims = { iat: 1_795_348_800, exp: 1_795_348_830, session_exp: 1_795_392_000 };
  expect(noteOf(claims, 'iat')).toBe('Issued 2026-11-22 12:00:00.');
  expect(noteOf(claims, 'exp')).toBe('Expires 2026-11-22 12:00:30, 30\u00a0s after it was issued.');
  expect(noteOf(claims, 'session_exp')).toMatch(/^The SSO session ends at the latest .*, 12\u00a0h after/);
});

it('The notes format no time that isn’t a number, and give no lifetime without iat', () => {
  expect(noteOf({ exp: 1_795_348_830 }, 'exp')).toBe('Expires 2026-11-22 12:00:30.');
  expect(noteOf({ exp: '(hidden)' }, 'exp')).toBe('Expires');
});

it('Each member is described as JSON, known or not', () => {
  expect(describeMembers({ aud: ['a'], constructor: 1 })).toEqual([
    { name: '"aud"', value: '[\n  "a"\n]', note: 'Who may accept the token; everyone else must refuse it.' },
    { name: '"constructor"', value: '1', note: '' },
  ]);
});
