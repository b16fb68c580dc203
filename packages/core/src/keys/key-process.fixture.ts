/**
 * A process for `key-rotation.integration.test.ts`, which starts it: `node key-process.fixture.ts ACTION
 * DATABASE`. It prints "ready", waits for a line, acts, and prints the outcome.
 */
import { once } from 'node:events';
import { keyFileOf, withKeyLock } from './key-file.ts';
import { openKeyRing } from './key-ring.ts';
import { KeyRotationError, rotateKey } from './key-rotation.ts';

const [, , action, database = ''] = process.argv;

const say = (line: string) => void process.stdout.write(`${line}\n`);

const actions: Record<string, () => Promise<string | undefined>> = {
  start: async () => (await openKeyRing(database)).publicKeys.keys.map(({ kid }) => kid).join(),
  rotate: async () => (await rotateKey(database)).kid,
  'rotate at once': async () => (await rotateKey(database, { immediate: true })).kid,
  'hold the lock': async () =>
    withKeyLock(keyFileOf(database), () => {
      say('holds it');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // Forever, without yielding.
      return undefined;
    }),
};

say('ready');
await once(process.stdin, 'data');
process.stdin.destroy();
try {
  say(`done: ${await actions[action ?? '']?.()}`);
} catch (error) {
  say(`${error instanceof KeyRotationError ? 'refused' : 'failed'}: ${(error as Error).message}`);
}
