import { describe, expect, it } from 'vitest';
import { explainPurpose, nameStep } from './purposes.ts';

describe('the purpose of a request', () => {
  it.each([
    ['app session', 1],
    ['login status', 2],
    ['authentication token', 3],
    ['start app session', 4],
    ['introspection', 4],
    ['login', 5],
    ['logout', null],
  ])('%s belongs to step %s', (purpose, step) => {
    expect(explainPurpose(purpose).step).toBe(step);
  });

  it.each(['other', 'constructor'])('%s isn’t part of the protocol', (purpose) => {
    expect(explainPurpose(purpose)).toEqual({
      step: null,
      text: 'This request isn’t part of the sign-in or of single logout.',
    });
  });

  it('has the name of its step', () => {
    expect(nameStep(3)).toBe('Step 3 of 5: fetch an authentication token');
  });
});
