/** Registers cleanup: with the running test (`onTestFinished`), or after all tests that share a thing. */
import { afterAll } from 'vitest';

export type AtEnd = (end: () => void | Promise<void>) => void;

/** For what a whole file or `describe` shares. Cleans up in reverse order. */
export function afterAllTests(): AtEnd {
  const ends: (() => void | Promise<void>)[] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
  return (end) => void ends.push(end);
}
