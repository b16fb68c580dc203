/**
 * A process that `key-processes.fixture.ts` starts: `node key-process.fixture.ts ACTION KEY_FILE`, or
 * `… ACTION URL SEALING_KEY_FILE`. It prints "ready", waits for a line, acts, and prints the outcome.
 */
import { once } from 'node:events';
import { fileKeyStore } from './file-key-store.ts';
import { withKeyLock } from './key-file.ts';
import { openKeyRing } from './key-ring.ts';
import { rotateKey } from './key-rotation.ts';
import { KeyRotationError, type KeyStore } from './key-store.ts';
import { keyStoreIn, openKeyDatabase } from './postgres-keys.fixture.ts';

const [, , action, place = '', sealingKeyFile] = process.argv;

const say = (line: string) => void process.stdout.write(`${line}\n`);

const actions: Record<string, (store: KeyStore) => Promise<string | undefined>> = {
  start: async (store) => (await openKeyRing(store)).publicKeys.keys.map(({ kid }) => kid).join(),
  rotate: async (store) => (await rotateKey(store)).kid,
  'rotate at once': async (store) => (await rotateKey(store, { immediate: true })).kid,
  'hold the lock': async () =>
    withKeyLock(place, () => {
      say('holds it');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // Forever, without yielding.
      return undefined;
    }),
};

say('ready');
await once(process.stdin, 'data');
process.stdin.destroy();
// Opened only now, so that all processes migrate an empty database at the same time.
const database = sealingKeyFile === undefined ? null : await openKeyDatabase(place);
const store = database === null ? fileKeyStore(place) : keyStoreIn(database, sealingKeyFile ?? '');
try {
  say(`done: ${await actions[action ?? '']?.(store)}`);
} catch (error) {
  say(`${error instanceof KeyRotationError ? 'refused' : 'failed'}: ${(error as Error).message}`);
} finally {
  await database?.close();
}
