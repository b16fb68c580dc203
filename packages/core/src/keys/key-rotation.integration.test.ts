/** Several processes that change one file of keys at once, or die in the middle of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { openKeyRing } from './key-ring.ts';
import { listKeys, rotateKey } from './key-rotation.ts';

const SCRIPT = fileURLToPath(new URL('./key-process.fixture.ts', import.meta.url));

async function newServer() {
  const database = join(temporaryFolder(), 'service.db');
  await openKeyRing(database);
  return { database, first: listKeys(database)[0]?.kid ?? '' };
}

/** A process that is ready to act and waits for `go`. */
async function readyProcess(action: string, database: string, ...nodeOptions: string[]) {
  const child: ChildProcess = spawn(process.execPath, [...nodeOptions, SCRIPT, action, database]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let [output, errors] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'close').then(([, signal]) => ({ signal, said: output.replace('ready\n', '') }));
  /** Waits until the process has printed this. */
  const says = (word: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (output.includes(word)) resolve();
      };
      child.stdout?.on('data', check);
      child.once('close', () => reject(new Error(`it ended without ${word}: ${output}${errors}`)));
      check();
    });
  await says('ready\n');
  return { child, says, ended, go: () => void child.stdin?.end('go\n') };
}

/** Lets ten processes act at the same time. @returns what each printed */
async function tenAtOnce(action: string, database: string): Promise<string[]> {
  const processes = await Promise.all(Array.from({ length: 10 }, () => readyProcess(action, database)));
  for (const { go } of processes) go();
  const ends = await Promise.all(processes.map(({ ended }) => ended));
  return ends.map(({ said }) => said.trim());
}

describe('ten processes that run together', () => {
  it('create one key at their first start, which all of them use', async () => {
    const database = join(temporaryFolder(), 'service.db');
    const said = await tenAtOnce('start', database);
    expect(new Set(said)).toEqual(new Set([`done: ${listKeys(database).map(({ kid }) => kid)}`]));
  });

  it('add ten keys by immediate rotation and lose none', async () => {
    const { database, first } = await newServer();
    const said = await tenAtOnce('rotate at once', database);
    const added = said.map((line) => line.replace(/^done: /, ''));
    expect(
      listKeys(database)
        .map(({ kid }) => kid)
        .sort(),
    ).toEqual([first, ...added].sort());
  });

  it('add one key by rotation, and nine are refused since it is pending', async () => {
    const { database, first } = await newServer();
    const said = await tenAtOnce('rotate', database);
    const [next, present, ...others] = listKeys(database);
    expect([present?.kid, others]).toEqual([first, []]);
    expect(said.filter((line) => line === `done: ${next?.kid}`)).toHaveLength(1);
    const refused = `refused: the key ${next?.kid} is already pending, and signs from`;
    expect(said.filter((line) => line.startsWith(refused))).toHaveLength(9);
  });
});

describe('a process that holds the key lock', () => {
  it('makes others give up after a while, and releases it when it is killed', async () => {
    const { database, first } = await newServer();
    const { child, says, ended, go } = await readyProcess('hold the lock', database);
    go();
    await says('holds it');
    await expect(rotateKey(database)).rejects.toThrow('another process is changing it');
    expect(listKeys(database)).toHaveLength(1);
    child.kill('SIGKILL');
    await ended;
    const { kid } = await rotateKey(database);
    expect(listKeys(database).map((key) => key.kid)).toEqual([kid, first]);
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
    const { database, first } = await newServer();
    const file = `${database}.keys.json`;
    const before = readFileSync(file, 'utf8');
    const { ended, go } = await readyProcess('rotate at once', database, dying(rename));
    go();
    expect(await ended).toEqual({ signal: 'SIGKILL', said: '' });
    return { database, first, before, file };
  }

  it('before the file is replaced leaves the old one, and the next rotation works', async () => {
    const { database, first, before, file } = await killed('die()');
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(existsSync(`${file}.draft`)).toBe(true);
    const { kid } = await rotateKey(database);
    expect(listKeys(database).map((key) => key.kid)).toEqual([kid, first]);
    expect(existsSync(`${file}.draft`)).toBe(false);
  });

  it('after the file was replaced leaves the new one, and the next rotation works', async () => {
    const { database, first } = await killed('renameSync(from, to); die()');
    const [added, old, ...others] = listKeys(database);
    expect([added?.state, old?.kid, others]).toEqual(['signing', first, []]);
    const { kid } = await rotateKey(database);
    expect(listKeys(database).map((key) => key.kid)).toEqual([kid, added?.kid, first]);
  });

  it('at its first start leaves no partial file, and the next start creates one', async () => {
    const database = join(temporaryFolder(), 'service.db');
    const { ended, go } = await readyProcess('start', database, dying('die()'));
    go();
    expect((await ended).signal).toBe('SIGKILL');
    expect(existsSync(`${database}.keys.json`)).toBe(false);
    await expect(openKeyRing(database)).resolves.toBeDefined();
  });
});
