import { chmodSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalJWKSet, decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { ConfigError, DatabaseError } from '../files/config-error.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { fileKeyStore } from './file-key-store.ts';
import { type KeyRing, openKeyRing } from './key-ring.ts';
import { listKeys, retireKey, rotateKey } from './key-rotation.ts';
import type { KeyStore } from './key-store.ts';

const SECOND_MS = 1000;
const START = Date.parse('2026-11-22T12:00:00Z');

function place() {
  const folder = temporaryFolder();
  return { folder, file: join(folder, 'service.db.keys.json') };
}

/** A ring whose clock the test moves, of a server whose tokens live 30 s. */
async function newRing(where = place()) {
  const time = { now: START };
  const clock = () => time.now;
  const times = { tokenSeconds: 30 };
  const store = fileKeyStore(where.file, { clock });
  const warnings: string[] = [];
  const ring = await openKeyRing(store, { ...times, clock, warn: (text) => warnings.push(text) });
  const later = (milliseconds: number) => {
    time.now += milliseconds;
  };
  const rotate = async (immediate = false) => (await rotateKey(store, { ...times, immediate })).kid;
  return { ...where, ring, store, clock, times, warnings, later, rotate };
}

const published = ({ publicKeys }: KeyRing) => publicKeys.keys.map(({ kid }) => kid);
const signer = async ({ sign }: KeyRing) => decodeProtectedHeader(await sign('test+jwt', {})).kid;

describe('the key ring', () => {
  it('is created at the first start, beside the database, readable for its owner only', async () => {
    const { file, folder } = place();
    await openKeyRing(fileKeyStore(file));
    // The lock is empty, and stays.
    expect(readdirSync(folder)).toEqual(['service.db.keys.json', 'service.db.keys.json.lock']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect([statSync(`${file}.lock`).mode & 0o777, statSync(`${file}.lock`).size]).toEqual([0o600, 0]);
  });

  it('is the same after a restart, so that earlier signatures still verify', async () => {
    const { file } = place();
    const before = await openKeyRing(fileKeyStore(file));
    const written = readFileSync(file, 'utf8');
    const token = await before.sign('test+jwt', { sub: 'ada' });
    const after = await openKeyRing(fileKeyStore(file));
    expect(readFileSync(file, 'utf8')).toBe(written);
    const { payload } = await jwtVerify(token, createLocalJWKSet(after.publicKeys), { typ: 'test+jwt' });
    expect(payload.sub).toBe('ada');
  });

  it('is the same for all processes that start together', async () => {
    const { file } = place();
    const rings = await Promise.all(Array.from({ length: 8 }, () => openKeyRing(fileKeyStore(file))));
    expect(new Set(rings.flatMap(published)).size).toBe(1);
  });

  it('is different for another database', async () => {
    const [one, other] = [
      await openKeyRing(fileKeyStore(place().file)),
      await openKeyRing(fileKeyStore(place().file)),
    ];
    expect(one.publicKeys.keys[0]?.x).not.toBe(other.publicKeys.keys[0]?.x);
  });

  it('signs with Ed25519 under a published key id and the requested type', async () => {
    const { sign, publicKeys, algorithm } = await openKeyRing(fileKeyStore(place().file));
    const header = decodeProtectedHeader(await sign('test+jwt', {}));
    expect(header).toEqual({ alg: algorithm, kid: publicKeys.keys[0]?.kid, typ: 'test+jwt' });
    expect(algorithm).toBe('Ed25519');
  });

  it('publishes neither the private half nor unknown members of the file', async () => {
    const { file } = place();
    await openKeyRing(fileKeyStore(file));
    const stored = JSON.parse(readFileSync(file, 'utf8')) as { keys: Record<string, string>[] };
    const secret = stored.keys[0]?.['d'] ?? '';
    expect(secret).not.toBe('');
    writeFileSync(file, JSON.stringify({ keys: [{ ...stored.keys[0], note: 'a secret note' }] }));
    const { publicKeys } = await openKeyRing(fileKeyStore(file));
    expect(Object.keys(publicKeys.keys[0] ?? {}).sort()).toEqual(['crv', 'kid', 'kty', 'use', 'x']);
    expect(JSON.stringify(publicKeys)).not.toContain(secret);
  });

  it('publishes keys that verify signatures as Ed25519 and earlier ones as EdDSA', async () => {
    const { file } = place();
    const ring = await openKeyRing(fileKeyStore(file));
    const peer = createLocalJWKSet(ring.publicKeys);
    const [stored] = JSON.parse(readFileSync(file, 'utf8')).keys;
    const earlier = await new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: 'EdDSA', kid: stored.kid, typ: 'test+jwt' })
      .sign(await importJWK(stored, 'EdDSA'));
    for (const jwt of [earlier, await ring.sign('test+jwt', { sub: 'ada' })]) {
      expect((await jwtVerify(jwt, peer)).payload).toEqual({ sub: 'ada' });
    }
  });

  it('refuses a file that is open to others, and does not replace a damaged one', async () => {
    const { file } = place();
    await openKeyRing(fileKeyStore(file));
    chmodSync(file, 0o644);
    await expect(openKeyRing(fileKeyStore(file))).rejects.toThrow(ConfigError);
    writeFileSync(file, '{"keys":');
    chmodSync(file, 0o600);
    await expect(openKeyRing(fileKeyStore(file))).rejects.toThrow(ConfigError);
    expect(readFileSync(file, 'utf8')).toBe('{"keys":');
  });

  it('refuses a folder that does not exist', async () => {
    const opening = openKeyRing(fileKeyStore(join(temporaryFolder(), 'missing', 'service.db.keys.json')));
    await expect(opening).rejects.toThrow("can't be written");
    await expect(opening).rejects.toBeInstanceOf(ConfigError);
  });
});

describe('a key ring on a database that is unavailable', () => {
  /** A store that fails several times: each instance that starts waits for the lock of the one before. */
  function failingStore(failures: number): KeyStore {
    const store = fileKeyStore(place().file);
    return {
      ...store,
      async change(edit) {
        if (failures-- > 0) throw new HttpProblem('unavailable', { logReason: 'it is locked' });
        return await store.change(edit);
      },
    };
  }

  it('opens when the database is available again soon', async () => {
    expect(published(await openKeyRing(failingStore(4)))).toHaveLength(1);
  });

  it('is refused with the reason when the database stays unavailable', async () => {
    const opening = openKeyRing(failingStore(5));
    await expect(opening).rejects.toThrow("the signing keys can't be read: it is locked");
    await expect(opening).rejects.toBeInstanceOf(DatabaseError);
  });
});

describe('a key ring whose keys are rotated while its server runs', () => {
  it('publishes the new key, signs with it later, and keeps the old one for its tokens', async () => {
    const { ring, later, rotate, clock } = await newRing();
    const old = await signer(ring);
    later(SECOND_MS);
    const next = await rotate();
    later(250);
    expect(published(ring)).toEqual([next, old]);
    later(305 * SECOND_MS - 251);
    expect(await signer(ring)).toBe(old);
    const exp = Math.floor(clock() / 1000) + 30;
    const lastOfOld = await ring.sign('test+jwt', { exp });
    const verify = () =>
      jwtVerify(lastOfOld, createLocalJWKSet(ring.publicKeys), {
        currentDate: new Date(clock()),
        clockTolerance: 5,
      });
    later(1);
    expect(await signer(ring)).toBe(next);
    later(34 * SECOND_MS - 1);
    await expect(verify()).resolves.toBeDefined();
    later(SECOND_MS);
    await expect(verify()).rejects.toThrow('"exp"');
    expect(published(ring)).toEqual([next, old]);
    later(1);
    expect(published(ring)).toEqual([next]);
  });

  it('signs with an immediate key as soon as it sees it, and still publishes the old one', async () => {
    const { ring, later, rotate } = await newRing();
    const old = await signer(ring);
    const added = await rotate(true);
    later(250);
    expect(await signer(ring)).toBe(added);
    expect(published(ring)).toEqual([added, old]);
  });

  it('no longer publishes a retired key', async () => {
    const { ring, store, later, rotate, times } = await newRing();
    const old = (await signer(ring)) ?? '';
    const added = await rotate(true);
    await retireKey(store, old, times);
    later(250);
    expect(published(ring)).toEqual([added]);
  });

  it('checks its file at most four times a second', async () => {
    const { ring, later, rotate } = await newRing();
    const old = await signer(ring);
    const added = await rotate(true);
    later(249);
    expect([await signer(ring), published(ring)]).toEqual([old, [old]]);
    later(1);
    expect(await signer(ring)).toBe(added);
  });

  it('sees a change although the clock was set back', async () => {
    const { ring, later, rotate } = await newRing();
    await rotate(true);
    later(-3600 * SECOND_MS);
    expect(published(ring)).toHaveLength(2);
  });
});

describe('a key file that becomes unusable while its server runs', () => {
  it.each<[what: string, damage: (file: string) => void, told: string]>([
    ['is gone', (file) => rmSync(file), 'is missing'],
    ['is damaged', (file) => writeFileSync(file, '{"keys": [{"d": "hush'), 'line 1, column 17: is not JSON'],
    ['is empty', (file) => writeFileSync(file, ''), 'is empty'],
    ['is opened to others', (file) => chmodSync(file, 0o644), 'is open to others'],
  ])('leaves the earlier keys in use and causes one warning: it %s', async (_what, damage, told) => {
    const { ring, file, later, warnings } = await newRing();
    const before = published(ring);
    const good = readFileSync(file, 'utf8');
    damage(file);
    for (let times = 0; times < 3; times++) {
      later(SECOND_MS);
      expect([published(ring), await signer(ring)]).toEqual([before, before[0]]);
    }
    expect(warnings).toEqual([expect.stringContaining(told)]);
    expect(warnings[0]).toMatch(/; the keys read before stay in use$/);
    expect(warnings[0]).not.toContain('hush');

    writeFileSync(file, good, { mode: 0o600 });
    chmodSync(file, 0o600);
    later(SECOND_MS);
    expect(published(ring)).toEqual(before);
    damage(file);
    later(SECOND_MS);
    published(ring);
    expect(warnings).toHaveLength(2);
  });

  it('is used again once it is repaired', async () => {
    const { ring, file, later, rotate, warnings } = await newRing();
    const added = await rotate(true);
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.slice(0, 100));
    later(SECOND_MS);
    expect(published(ring)).toHaveLength(1);
    writeFileSync(file, good);
    later(SECOND_MS);
    expect(await signer(ring)).toBe(added);
    expect(warnings).toHaveLength(1);
  });
});

describe('a key file of an earlier version, which has no times', () => {
  const WRITTEN = Date.parse('2026-03-01T08:00:00Z');

  /** The server's own first key, and below it an older one that was added by hand. */
  async function oldFile() {
    const [where, other] = [place(), place()];
    await openKeyRing(fileKeyStore(where.file));
    await openKeyRing(fileKeyStore(other.file));
    const keys = [where, other].flatMap(({ file }) => JSON.parse(readFileSync(file, 'utf8')).keys);
    for (const key of keys) {
      delete key.born;
      delete key.signsFrom;
    }
    writeFileSync(where.file, JSON.stringify({ keys }));
    utimesSync(where.file, WRITTEN / 1000, WRITTEN / 1000);
    return { where, kids: keys.map(({ kid }) => kid as string) };
  }

  it('counts as created when it was written, and its first key signs', async () => {
    const { where, kids } = await oldFile();
    const { ring, store, times } = await newRing(where);
    expect([await signer(ring), published(ring)]).toEqual([kids[0], [kids[0]]]);
    expect(await listKeys(store, times)).toEqual([
      {
        kid: kids[0],
        state: 'signing',
        createdAt: new Date(WRITTEN),
        activeFrom: new Date(WRITTEN),
        publishedUntil: null,
      },
      {
        kid: kids[1],
        state: 'retired',
        createdAt: new Date(WRITTEN),
        activeFrom: new Date(WRITTEN),
        publishedUntil: new Date(WRITTEN + 35 * SECOND_MS),
      },
    ]);
  });

  it('is unchanged by a start, and gets the times with the next rotation', async () => {
    const { where, kids } = await oldFile();
    const before = readFileSync(where.file, 'utf8');
    const { ring, later, rotate } = await newRing(where);
    expect(readFileSync(where.file, 'utf8')).toBe(before);
    const next = await rotate();
    const written = new Date(WRITTEN).toISOString();
    expect(JSON.parse(readFileSync(where.file, 'utf8')).keys).toEqual([
      expect.objectContaining({ kid: next, born: new Date(START).toISOString() }),
      expect.objectContaining({ kid: kids[0], born: written, signsFrom: written }),
    ]);
    later(305 * SECOND_MS - 1);
    expect(await signer(ring)).toBe(kids[0]);
    later(1);
    expect(await signer(ring)).toBe(next);
  });
});
