import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectTo, postgresUrl, runOn } from '../../../../test/support/postgres.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { DatabaseError, SealingKeyError } from '../files/config-error.ts';
import { tenAtOnce } from './key-processes.fixture.ts';
import { type KeyRing, openKeyRing } from './key-ring.ts';
import { listKeys, resealKeys, retireKey, rotateKey } from './key-rotation.ts';
import { type KeyEvent, KeyRotationError, type KeyStore } from './key-store.ts';
import type { PostgresKeyStoreOptions } from './postgres-key-store.ts';
import { keyStoreIn, newSealingKey, openKeyDatabase, sealingKeyFile } from './postgres-keys.fixture.ts';

const SECOND_MS = 1000;
const START = Date.parse('2026-11-22T12:00:00Z');
const REFRESH_MS = 20;

/** An empty database, and a way to open more stores on it, as other instances do. */
async function newDatabase() {
  const [url, folder, sealingKey] = [await postgresUrl(), temporaryFolder(), newSealingKey()];
  const connect = async () => {
    const database = await openKeyDatabase(url);
    onTestFinished(() => database.close());
    return database;
  };
  const database = await connect();
  const fileOf = (...keys: string[]) => sealingKeyFile(folder, ...keys);
  return {
    ...{ url, database, connect, sealingKey, fileOf },
    store: (options: Partial<PostgresKeyStoreOptions> = {}, ...keys: string[]) =>
      keyStoreIn(database, fileOf(...(keys.length > 0 ? keys : [sealingKey])), {
        refreshIntervalMs: REFRESH_MS,
        ...options,
      }),
    rows: async (): Promise<{ id: number; kid: string; sealed_key: string }[]> =>
      (await runOn(url, 'SELECT * FROM signing_key ORDER BY id')).rows,
    sql: (text: string, values?: readonly unknown[]) => runOn(url, text, values),
  };
}

/** A database whose service has started once. */
async function newServer(options: Partial<PostgresKeyStoreOptions> = {}) {
  const made = await newDatabase();
  const store = made.store(options);
  const ring = await openKeyRing(store);
  onTestFinished(() => ring.close());
  return { ...made, first: published(ring)[0] ?? '', ring, keys: store };
}

async function openRing(store: KeyStore, clock: () => number = Date.now) {
  const warnings: string[] = [];
  const times = { tokenSeconds: 30, clock };
  const ring = await openKeyRing(store, { ...times, warn: (text) => warnings.push(text) });
  onTestFinished(() => ring.close());
  return { ring, warnings };
}

const published = ({ publicKeys }: KeyRing) => publicKeys.keys.map(({ kid }) => kid);
const signer = ({ sign }: KeyRing) => decodeProtectedHeader(sign('test+jwt', {})).kid;
const kidsOf = async (store: KeyStore) => (await listKeys(store)).map(({ kid }) => kid);

describe('the keys in a PostgreSQL database', () => {
  it('are created at the first start, and are the same for every instance and after a restart', async () => {
    const { store, connect, fileOf, sealingKey } = await newDatabase();
    const { ring: before } = await openRing(store());
    const token = before.sign('test+jwt', { sub: 'ada' });
    const { ring: other } = await openRing(keyStoreIn(await connect(), fileOf(sealingKey)));
    expect(published(other)).toEqual(published(before));
    const { payload } = await jwtVerify(token, createLocalJWKSet(other.publicKeys), { typ: 'test+jwt' });
    expect(payload.sub).toBe('ada');
  });

  it('are one row each, with nothing in plain text but its id [T-SECRET-08]', async () => {
    const { ring, first, rows } = await newServer();
    const [row, ...others] = await rows();
    expect(others).toEqual([]);
    expect(row).toEqual({ id: '1', kid: first, sealed_key: expect.any(String) });
    const header = { alg: 'dir', enc: 'A256GCM', purpose: 'sso signing key', id: first };
    expect(decodeProtectedHeader(row?.sealed_key ?? '')).toEqual(header);
    const parts = (row?.sealed_key ?? '').split('.').map((part) => Buffer.from(part, 'base64url').toString());
    for (const word of ['"d"', 'born', String(ring.publicKeys.keys[0]?.x)])
      expect(parts.join()).not.toContain(word);
  });

  it('are listed newest first, even if the clock was set back before a rotation', async () => {
    const time = { now: START };
    const { keys, first } = await newServer({ clock: () => time.now });
    time.now -= 3600 * SECOND_MS;
    const { kid } = await rotateKey(keys, { immediate: true });
    expect(await kidsOf(keys)).toEqual([kid, first]);
  });

  it('get their times from the database’s clock, since the command line’s may be off', async () => {
    const { keys } = await newServer();
    const now = performance.timeOrigin + performance.now();
    vi.useFakeTimers({ toFake: ['Date'], now: START });
    onTestFinished(() => void vi.useRealTimers());
    const { createdAt, activeFrom } = await rotateKey(keys);
    expect(Math.abs(Number(createdAt) - now)).toBeLessThan(30 * SECOND_MS);
    expect(Number(activeFrom) - Number(createdAt)).toBe(365 * SECOND_MS);
  });

  it('are not created by the command line', async () => {
    const { store, rows } = await newDatabase();
    for (const work of [listKeys, rotateKey, resealKeys, (keys: KeyStore) => retireKey(keys, 'any')]) {
      const working = work(store());
      await expect(working).rejects.toThrow(KeyRotationError);
      await expect(working).rejects.toThrow(
        'there is no signing key in the database: the server creates it at its first start',
      );
    }
    expect(await rows()).toEqual([]);
  });
});

describe('ten processes that run together on one database', () => {
  it.each([
    ['an empty database', 'DROP TABLE signing_key; DROP TABLE samesite_sso_schema'],
    ['a database that has no key yet', ''],
  ])('create one key at their first start on %s, which all of them use', async (_what, preparation) => {
    const { url, fileOf, sealingKey, store, sql } = await newDatabase();
    await sql(preparation);
    const said = await tenAtOnce('start', [url, fileOf(sealingKey)]);
    expect(new Set(said)).toEqual(new Set([`done: ${await kidsOf(store())}`]));
  });

  it('add ten keys by immediate rotation and lose none', async () => {
    const { url, fileOf, sealingKey, keys, first } = await newServer();
    const said = await tenAtOnce('rotate at once', [url, fileOf(sealingKey)]);
    const added = said.map((line) => line.replace(/^done: /, ''));
    expect((await kidsOf(keys)).sort()).toEqual([first, ...added].sort());
  });

  it('add one key by rotation, and nine are refused since it is pending', async () => {
    const { url, fileOf, sealingKey, keys, first } = await newServer();
    const said = await tenAtOnce('rotate', [url, fileOf(sealingKey)]);
    const [next, present, ...others] = await listKeys(keys);
    expect([present?.kid, others]).toEqual([first, []]);
    expect(said.filter((line) => line === `done: ${next?.kid}`)).toHaveLength(1);
    const refused = `refused: the key ${next?.kid} is already pending, and signs from`;
    expect(said.filter((line) => line.startsWith(refused))).toHaveLength(9);
  });
});

describe('a rotation', () => {
  it('waits for another one that takes longer than a request may', async () => {
    const { url, keys, first } = await newServer();
    const other = await connectTo(url, onTestFinished);
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock(21328, 2)');
    const rotated = rotateKey(keys);
    setTimeout(() => void other.query('COMMIT'), 1500);
    expect(await kidsOf(keys)).toEqual([first]);
    const { kid } = await rotated;
    expect(await kidsOf(keys)).toEqual([kid, first]);
  });

  it('is seen by a running instance, which signs with the new key once all caches have it', async () => {
    const time = { now: START };
    const clock = () => time.now;
    const { store, keys, first } = await newServer({ clock });
    const { ring } = await openRing(store(), clock);
    const { kid: next } = await rotateKey(keys, { tokenSeconds: 30 });
    await expect.poll(() => published(ring)).toEqual([next, first]);
    // The cache of a peer, the clocks, and a minute for instances that miss some reads.
    time.now += (300 + 5 + 60) * SECOND_MS - 1;
    expect(signer(ring)).toBe(first);
    time.now += 1;
    expect(signer(ring)).toBe(next);
    time.now += (30 + 5 + 60) * SECOND_MS - 1;
    expect(published(ring)).toEqual([next, first]);
    time.now += 1;
    expect(published(ring)).toEqual([next]);
  });

  it('that is immediate is seen by a running instance, as is retiring the leaked key', async () => {
    const { store, keys, first, rows } = await newServer();
    const { ring } = await openRing(store());
    const { kid: added } = await rotateKey(keys, { immediate: true });
    await expect.poll(() => signer(ring)).toBe(added);
    await retireKey(keys, first);
    await expect.poll(() => published(ring)).toEqual([added]);
    expect((await rows()).map(({ kid }) => kid)).toEqual([added]);
  });

  it('leaves the rows of the other keys as they are', async () => {
    const { keys, rows } = await newServer();
    const before = await rows();
    await rotateKey(keys);
    expect((await rows()).slice(0, 1)).toEqual(before);
  });

  it.each<[what: string, change: (keys: KeyStore, first: string) => Promise<unknown>, event: object]>([
    ['scheduled', (keys) => rotateKey(keys), { kind: 'rotated', immediate: false }],
    ['immediate', (keys) => rotateKey(keys, { immediate: true }), { kind: 'rotated', immediate: true }],
  ])('is recorded in the transaction that makes it: %s', async (_what, change, event) => {
    const { store, first, rows, sql } = await newServer();
    await sql('CREATE TABLE audit (event json)');
    const recording = store({
      record: async (event, transaction) => {
        await transaction.query('INSERT INTO audit VALUES ($1)', [JSON.stringify(event)]);
      },
    });
    await change(recording, first);
    const [added] = (await rows()).slice(-1);
    expect((await sql('SELECT event FROM audit')).rows).toEqual([{ event: { ...event, kid: added?.kid } }]);

    const before = await rows();
    const failing = store({
      record: async () => {
        throw new Error('the audit trail is full');
      },
    });
    await expect(rotateKey(failing, { immediate: true })).rejects.toThrow('the audit trail is full');
    expect(await rows()).toEqual(before);
  });
});

describe('a row', () => {
  it.each<[what: string, change: string, error: typeof DatabaseError, told: RegExp]>([
    [
      'whose id was changed',
      `UPDATE signing_key SET kid = 'another'`,
      DatabaseError,
      /^the sso signing key another can't be used: it was sealed as the sso signing key \S{43}$/,
    ],
    [
      'whose sealed key was changed',
      `UPDATE signing_key SET sealed_key = overlay(sealed_key placing 'AAAA' from length(sealed_key) - 8)`,
      SealingKeyError,
      /^no key in \S+ opens the sso signing key \S{43}: it was sealed with another key, or changed since$/,
    ],
    [
      'that is empty',
      `UPDATE signing_key SET sealed_key = ''`,
      SealingKeyError,
      /^no key in \S+ opens the sso signing key/,
    ],
  ])(
    '%s is refused at start and by the command line, and is kept [T-SECRET-08]',
    async (_what, change, error, told) => {
      const { store, rows, sql } = await newServer();
      await sql(change);
      const before = await rows();
      for (const work of [openKeyRing, listKeys, rotateKey, resealKeys]) {
        const working = work(store());
        await expect(working).rejects.toThrow(error);
        await expect(working).rejects.toThrow(told);
      }
      expect(await rows()).toEqual(before);
    },
  );

  it('from an app’s database is refused by the SSO service, even with the same sealing key', async () => {
    const [app, sso] = [await newServer({ purpose: 'app signing key' }), await newServer()];
    const [row] = await app.rows();
    await sso.sql('INSERT INTO signing_key (kid, sealed_key) VALUES ($1, $2)', [row?.kid, row?.sealed_key]);
    await expect(openKeyRing(sso.store({}, app.sealingKey, sso.sealingKey))).rejects.toThrow(
      `the sso signing key ${row?.kid} can't be used: it was sealed as the app signing key ${row?.kid}`,
    );
  });

  it('that cannot be opened while the server runs leaves the earlier keys in use', async () => {
    const { store, first, rows, sql } = await newServer();
    const { ring, warnings } = await openRing(store());
    const [row] = await rows();
    await sql(`UPDATE signing_key SET sealed_key = 'x'`);
    await expect.poll(() => warnings).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 5 * REFRESH_MS));
    expect(warnings).toEqual([
      expect.stringMatching(/^no key in \S+ opens .+; the keys read before stay in use$/),
    ]);
    expect([published(ring), signer(ring)]).toEqual([[first], first]);

    await sql('DELETE FROM signing_key');
    await expect.poll(() => warnings[1]).toMatch(/^the database no longer has a signing key; /);
    expect(signer(ring)).toBe(first);

    const values = [row?.kid, row?.sealed_key];
    await sql('INSERT INTO signing_key (kid, sealed_key) VALUES ($1, $2)', values);
    const { kid } = await rotateKey(store(), { immediate: true });
    await expect.poll(() => signer(ring)).toBe(kid);
    expect(warnings).toHaveLength(2);
  });
});

describe('the database of a running server', () => {
  it('leaves the keys in use while it fails, and is read again once it is back', async () => {
    const { connect, fileOf, sealingKey, keys, first } = await newServer();
    const database = await connect();
    const store = keyStoreIn(database, fileOf(sealingKey), { refreshIntervalMs: REFRESH_MS });
    const { ring, warnings } = await openRing(store);
    const query = vi.spyOn(database, 'query').mockRejectedValue(new Error('the connection was lost'));
    await expect.poll(() => query.mock.calls.length).toBeGreaterThan(3);
    expect(signer(ring)).toBe(first);
    expect(warnings).toEqual(['the connection was lost; the keys read before stay in use']);
    query.mockRestore();
    const { kid } = await rotateKey(keys, { immediate: true });
    await expect.poll(() => signer(ring)).toBe(kid);
  });

  it('is no longer read once the ring is closed', async () => {
    const { connect, fileOf, sealingKey } = await newServer();
    const database = await connect();
    const store = keyStoreIn(database, fileOf(sealingKey), { refreshIntervalMs: REFRESH_MS });
    const { ring } = await openRing(store);
    const query = vi.spyOn(database, 'query');
    await expect.poll(() => query.mock.calls.length).toBeGreaterThan(1);
    await ring.close();
    query.mockClear();
    await new Promise((resolve) => setTimeout(resolve, 5 * REFRESH_MS));
    expect(query).not.toHaveBeenCalled();
  });
});

describe('changing the sealing key', () => {
  it('seals every row with the first key of the file, once', async () => {
    const { store, keys, rows, sealingKey } = await newServer();
    await rotateKey(keys);
    const before = await kidsOf(keys);
    const newKey = newSealingKey();
    const events: KeyEvent[] = [];
    const swapped = store({ record: async (event) => void events.push(event) }, newKey, sealingKey);
    expect(await resealKeys(swapped)).toEqual({ resealed: 2, total: 2 });
    const resealed = await rows();
    expect(await resealKeys(swapped)).toEqual({ resealed: 0, total: 2 });
    expect(await rows()).toEqual(resealed);
    expect(events).toEqual([{ kind: 'resealed', resealed: 2, total: 2 }]);
    expect(await kidsOf(store({}, newKey))).toEqual(before);
    await expect(listKeys(store({}, sealingKey))).rejects.toThrow(SealingKeyError);
  });

  it('changes all rows and adds the audit record, or does neither', async () => {
    const { store, keys, rows, sealingKey, sql } = await newServer();
    const { kid } = await rotateKey(keys);
    const failing = store(
      {
        record: async () => {
          throw new Error('the audit trail is full');
        },
      },
      newSealingKey(),
      sealingKey,
    );
    const before = await rows();
    await expect(resealKeys(failing)).rejects.toThrow('the audit trail is full');
    expect(await rows()).toEqual(before);

    await sql(`UPDATE signing_key SET sealed_key = 'x' WHERE kid = $1`, [kid]);
    const damaged = await rows();
    await expect(resealKeys(store({}, newSealingKey(), sealingKey))).rejects.toThrow(SealingKeyError);
    expect(await rows()).toEqual(damaged);
  });

  it('doesn’t disturb running servers, which open keys that either sealing key sealed', async () => {
    const { store, keys, sealingKey, first } = await newServer();
    const newKey = newSealingKey();
    const { ring, warnings } = await openRing(store({}, sealingKey, newKey));
    const swapped = store({}, newKey, sealingKey);
    const { kid } = await rotateKey(swapped, { immediate: true });
    await expect.poll(() => signer(ring)).toBe(kid);
    await resealKeys(swapped);
    await retireKey(swapped, first);
    await expect.poll(() => published(ring)).toEqual([kid]);
    expect(warnings).toEqual([]);
    await expect(listKeys(keys)).rejects.toThrow(SealingKeyError);
  });
});
