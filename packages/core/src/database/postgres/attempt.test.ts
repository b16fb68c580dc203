import { expect, test } from 'vitest';
import { Attempt } from './attempt.ts';

test('work whose caller was refused does not go on, even if the timer fired early [T-CRASH-12]', () => {
  const attempt = new Attempt(performance.now() + 60_000);
  attempt.requireTime();
  expect(attempt.end()).toMatchObject({ code: 'unavailable' });
  expect(() => attempt.requireTime()).toThrow();
});
