import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { ConfigError } from '../files/config-error.ts';
import { fileKeyStore } from './file-key-store.ts';
import { openKeyRing } from './key-ring.ts';
import { listKeys, retireKey, rotateKey } from './key-rotation.ts';
import { KeyRotationError, type KeyStore } from './key-store.ts';

const SECOND_MS = 1000;
const START = Date.parse('2026-11-22T12:00:00Z');

/** The keys of a server that has started once, and whose tokens live 30 s. */
async function server() {
  const folder = temporaryFolder();
  const database = join(folder, 'service.db');
  const time = { now: START };
  const clock = () => time.now;
  const store = fileKeyStore(`${database}.keys.json`, { clock });
  const times = { tokenSeconds: 30 };
  await openKeyRing(store, { ...times, clock });
  const list = () => listKeys(store, times);
  const states = async () => Object.fromEntries((await list()).map(({ kid, state }) => [kid, state]));
  return {
    folder,
    database,
    times,
    first: (await list())[0]?.kid ?? '',
    list,
    states,
    stored: () => readFileSync(`${database}.keys.json`, 'utf8'),
    rotate: (immediate = false) => rotateKey(store, { ...times, immediate }),
    retire: (kid: string) => retireKey(store, kid, times),
    later: (milliseconds: number) => {
      time.now += milliseconds;
    },
  };
}

/** Expects that the work is refused with these words, and the file stays as it was. */
async function expectRefused(stored: () => string, work: () => unknown, words: string): Promise<void> {
  const before = stored();
  const error = await Promise.resolve()
    .then(work)
    .catch((error: unknown) => error);
  expect(error).toBeInstanceOf(KeyRotationError);
  expect((error as KeyRotationError).message).toContain(words);
  expect(stored()).toBe(before);
}

describe('the list of keys', () => {
  it('shows the state of each key and when it ends, and no secret', async () => {
    const { list, first, rotate, later } = await server();
    later(SECOND_MS);
    const { kid } = await rotate();
    expect(await list()).toEqual([
      {
        kid,
        state: 'next',
        createdAt: new Date(START + SECOND_MS),
        activeFrom: new Date(START + 306 * SECOND_MS),
        publishedUntil: null,
      },
      {
        kid: first,
        state: 'signing',
        createdAt: new Date(START),
        activeFrom: new Date(START),
        publishedUntil: new Date(START + 341 * SECOND_MS),
      },
    ]);
  });
});

describe('rotating', () => {
  it('returns the new key, which is pending, and removes none', async () => {
    const { list, states, first, rotate } = await server();
    const next = await rotate();
    expect(next).toEqual((await list())[0]);
    expect(await states()).toEqual({ [next.kid]: 'next', [first]: 'signing' });
  });

  it('is refused while a key is pending, until that key signs', async () => {
    const { states, stored, first, rotate, later } = await server();
    const { kid } = await rotate();
    later(305 * SECOND_MS - 1);
    await expectRefused(stored, rotate, `${kid} is already pending, and signs from 2026-11-22T12:05:05.000Z`);
    later(1);
    const { kid: another } = await rotate();
    expect(await states()).toEqual({ [another]: 'next', [kid]: 'signing', [first]: 'retiring' });
  });

  it('immediately lets the new key sign now', async () => {
    const { list, states, first, rotate } = await server();
    const added = await rotate(true);
    expect(added).toEqual((await list())[0]);
    expect(await states()).toEqual({ [added.kid]: 'signing', [first]: 'retiring' });
  });

  it('immediately drops a pending key, which would replace the new one', async () => {
    const { states, first, rotate, later } = await server();
    await rotate();
    later(SECOND_MS);
    const { kid } = await rotate(true);
    expect(await states()).toEqual({ [kid]: 'signing', [first]: 'retiring' });
  });

  it('immediately lets the new key sign although the clock was set back', async () => {
    const { states, first, rotate, later } = await server();
    later(-3600 * SECOND_MS);
    const { kid } = await rotate(true);
    expect(await states()).toEqual({ [kid]: 'signing', [first]: 'retiring' });
  });

  it('drops the private half of retired keys, and of no other', async () => {
    const { states, stored, first, rotate, later } = await server();
    const secret: string = JSON.parse(stored()).keys[0].d;
    const { kid: second } = await rotate(true);
    later(35 * SECOND_MS - 1);
    const { kid: third } = await rotate(true);
    expect(stored()).toContain(secret);
    later(1);
    expect((await states())[first]).toBe('retired');
    const { kid: fourth } = await rotate(true);
    expect(stored()).not.toContain(secret);
    expect(await states()).toEqual({ [fourth]: 'signing', [third]: 'retiring', [second]: 'retiring' });
  });

  it('leaves no draft behind', async () => {
    const { folder, rotate } = await server();
    await rotate();
    expect(readdirSync(folder)).toEqual(['service.db.keys.json', 'service.db.keys.json.lock']);
  });

  it('ten times in parallel loses no key', async () => {
    const { states, first, rotate } = await server();
    const added = await Promise.all(Array.from({ length: 10 }, () => rotate(true)));
    expect(Object.keys(await states()).sort()).toEqual([first, ...added.map(({ kid }) => kid)].sort());
  });
});

describe('retiring', () => {
  it('removes a key that no longer signs from the file, and returns it', async () => {
    const { states, stored, first, rotate, retire } = await server();
    const secret: string = JSON.parse(stored()).keys[0].d;
    const { kid } = await rotate(true);
    expect(await retire(first)).toMatchObject({ kid: first, state: 'retiring' });
    expect(await states()).toEqual({ [kid]: 'signing' });
    expect(stored()).not.toContain(secret);
  });

  it('removes a pending key, and the present one still signs', async () => {
    const { states, first, rotate, retire, later } = await server();
    await retire((await rotate()).kid);
    later(3600 * SECOND_MS);
    expect(await states()).toEqual({ [first]: 'signing' });
  });

  it('never brings back a key that was retired before its successor', async () => {
    const { states, first, rotate, retire, later } = await server();
    const { kid: second } = await rotate(true);
    later(10 * SECOND_MS);
    const { kid: third } = await rotate();
    later(305 * SECOND_MS);
    expect(await states()).toEqual({ [third]: 'signing', [second]: 'retiring', [first]: 'retired' });
    await retire(second);
    expect(await states()).toEqual({ [third]: 'signing' });
  });

  it('is refused for the only key', async () => {
    const { stored, first, retire } = await server();
    await expectRefused(stored, () => retire(first), `${first} is the one that signs: rotate first`);
  });

  it('is refused for the key that signs, while the next one is pending', async () => {
    const { stored, first, rotate, retire } = await server();
    await rotate();
    await expectRefused(stored, () => retire(first), `${first} is the one that signs: rotate first`);
  });

  it('is refused for an unknown key', async () => {
    const { stored, first, retire } = await server();
    await expectRefused(stored, () => retire(first.slice(0, 8)), `there is no key ${first.slice(0, 8)}`);
  });
});

describe('without a key file', () => {
  it.each<[what: string, work: (store: KeyStore) => unknown]>([
    ['listing', (store) => listKeys(store)],
    ['rotating', (store) => rotateKey(store)],
    ['retiring', (store) => retireKey(store, 'any')],
  ])('%s is refused and creates no file', async (_what, work) => {
    const folder = temporaryFolder();
    const database = join(folder, 'misspelled.db');
    await expectRefused(
      () => readdirSync(folder).join(),
      () => work(fileKeyStore(`${database}.keys.json`)),
      `there is no ${database}.keys.json`,
    );
  });
});

it('every operation refuses a damaged key file and leaves it unchanged', async () => {
  const { database, first, list, rotate, retire } = await server();
  const file = `${database}.keys.json`;
  writeFileSync(file, '{"keys":');
  await expect(list()).rejects.toThrow(ConfigError);
  await expect(rotate()).rejects.toThrow(ConfigError);
  await expect(retire(first)).rejects.toThrow(ConfigError);
  expect([readFileSync(file, 'utf8'), existsSync(`${file}.draft`)]).toEqual(['{"keys":', false]);
});
