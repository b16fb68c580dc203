/** Several processes that change one file of keys at once, or die in the middle of it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { fileKeyStore } from './file-key-store.ts';
import { readyProcess, tenAtOnce } from './key-processes.fixture.ts';
import { openKeyRing } from './key-ring.ts';
import { listKeys, rotateKey } from './key-rotation.ts';
import type { KeyStore } from './key-store.ts';

const newFile = () => join(temporaryFolder(), 'service.db.keys.json');

async function newServer() {
  const file = newFile();
  const store = fileKeyStore(file);
  await openKeyRing(store);
  return { file, store, first: (await listKeys(store))[0]?.kid ?? '' };
}

/** @returns the ids of the keys, the newest first */
const kidsOf = async (store: KeyStore) => (await listKeys(store)).map(({ kid }) => kid);

describe('ten processes that run together', () => {
  it('create one key at their first start, which all of them use', async () => {
    const file = newFile();
    const said = await tenAtOnce('start', file);
    expect(new Set(said)).toEqual(new Set([`done: ${await kidsOf(fileKeyStore(file))}`]));
  });

  it('add ten keys by immediate rotation and lose none', async () => {
    const { file, store, first } = await newServer();
    const said = await tenAtOnce('rotate at once', file);
    const added = said.map((line) => line.replace(/^done: /, ''));
    expect((await kidsOf(store)).sort()).toEqual([first, ...added].sort());
  });

  it('add one key by rotation, and nine are refused since it is pending', async () => {
    const { file, store, first } = await newServer();
    const said = await tenAtOnce('rotate', file);
    const [next, present, ...others] = await listKeys(store);
    expect([present?.kid, others]).toEqual([first, []]);
    expect(said.filter((line) => line === `done: ${next?.kid}`)).toHaveLength(1);
    const refused = `refused: the key ${next?.kid} is already pending, and signs from`;
    expect(said.filter((line) => line.startsWith(refused))).toHaveLength(9);
  });
});

describe('a process that holds the key lock', () => {
  it('makes others give up after a while, and releases it when it is killed', async () => {
    const { file, store, first } = await newServer();
    const { child, says, ended, go } = await readyProcess('hold the lock', file);
    go();
    await says('holds it');
    await expect(rotateKey(store)).rejects.toThrow('another process is changing it');
    expect(await listKeys(store)).toHaveLength(1);
    child.kill('SIGKILL');
    await ended;
    const { kid } = await rotateKey(store);
    expect(await kidsOf(store)).toEqual([kid, first]);
  });
});

describe('a process that is killed while it rotates', () => {
  /** Makes the process die when it renames a file. The rest of the file system is real. */
  const dying = (rename: string) =>
    `--import=data:text/javascript,${encodeURIComponent(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { renameSync } = fs;
      const die = () => process.kill(process.pid, 'SIGKILL');
      fs.renameSync = (from, to) => { ${rename} };
      syncBuiltinESMExports();
    `)}`;

  async function killed(rename: string) {
    const { file, store, first } = await newServer();
    const before = readFileSync(file, 'utf8');
    const { ended, go } = await readyProcess('rotate at once', file, dying(rename));
    go();
    expect(await ended).toEqual({ signal: 'SIGKILL', said: '' });
    return { store, first, before, file };
  }

  it('before the file is replaced leaves the old one, and the next rotation works', async () => {
    const { store, first, before, file } = await killed('die()');
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(existsSync(`${file}.draft`)).toBe(true);
    const { kid } = await rotateKey(store);
    expect(await kidsOf(store)).toEqual([kid, first]);
    expect(existsSync(`${file}.draft`)).toBe(false);
  });

  it('after the file was replaced leaves the new one, and the next rotation works', async () => {
    const { store, first } = await killed('renameSync(from, to); die()');
    const [added, old, ...others] = await listKeys(store);
    expect([added?.state, old?.kid, others]).toEqual(['signing', first, []]);
    const { kid } = await rotateKey(store);
    expect(await kidsOf(store)).toEqual([kid, added?.kid, first]);
  });

  it('at its first start leaves no partial file, and the next start creates one', async () => {
    const file = newFile();
    const { ended, go } = await readyProcess('start', file, dying('die()'));
    go();
    expect((await ended).signal).toBe('SIGKILL');
    expect(existsSync(file)).toBe(false);
    await expect(openKeyRing(fileKeyStore(file))).resolves.toBeDefined();
  });
});
