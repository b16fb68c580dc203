/** Registers cleanup: after the running test (`onTestFinished`), or after all tests that share a resource. */
import { afterAll } from 'vitest';

export type AtEnd = (end: () => void | Promise<void>) => void;

/** Cleans up, in reverse order, after all tests of a file or `describe`. */
export function afterAllTests(): AtEnd {
  const ends: (() => void | Promise<void>)[] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
  return (end) => void ends.push(end);
}
