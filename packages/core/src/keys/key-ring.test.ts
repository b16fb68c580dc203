import { chmodSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalJWKSet, decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { ConfigError } from '../files/config-error.ts';
import { type KeyRing, openKeyRing } from './key-ring.ts';
import { listKeys, retireKey, rotateKey } from './key-rotation.ts';

const SECOND_MS = 1000;
const START = Date.parse('2026-11-22T12:00:00Z');

function place() {
  const folder = temporaryFolder();
  const database = join(folder, 'service.db');
  return { folder, database, file: `${database}.keys.json` };
}

/** A ring whose clock the test moves, of a server whose tokens live 30 s. */
async function newRing(where = place()) {
  const time = { now: START };
  const times = { tokenSeconds: 30, clock: () => time.now };
  const warnings: string[] = [];
  const ring = await openKeyRing(where.database, { ...times, warn: (text) => warnings.push(text) });
  const later = (milliseconds: number) => {
    time.now += milliseconds;
  };
  const rotate = async (immediate = false) => (await rotateKey(where.database, { ...times, immediate })).kid;
  return { ...where, ring, times, warnings, later, rotate };
}

const published = ({ publicKeys }: KeyRing) => publicKeys.keys.map(({ kid }) => kid);
const signer = async ({ sign }: KeyRing) => decodeProtectedHeader(await sign('test+jwt', {})).kid;

describe('the key ring', () => {
  it('is created at the first start, beside the database, readable for its owner only', async () => {
    const { database, file, folder } = place();
    await openKeyRing(database);
    // The lock is empty, and stays.
    expect(readdirSync(folder)).toEqual(['service.db.keys.json', 'service.db.keys.json.lock']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect([statSync(`${file}.lock`).mode & 0o777, statSync(`${file}.lock`).size]).toEqual([0o600, 0]);
  });

  it('is the same after a restart, so that earlier signatures still verify', async () => {
    const { database, file } = place();
    const before = await openKeyRing(database);
    const written = readFileSync(file, 'utf8');
    const token = await before.sign('test+jwt', { sub: 'ada' });
    const after = await openKeyRing(database);
    expect(readFileSync(file, 'utf8')).toBe(written);
    const { payload } = await jwtVerify(token, createLocalJWKSet(after.publicKeys), { typ: 'test+jwt' });
    expect(payload.sub).toBe('ada');
  });

  it('is the same for all processes that start together', async () => {
    const { database } = place();
    const rings = await Promise.all(Array.from({ length: 8 }, () => openKeyRing(database)));
    expect(new Set(rings.flatMap(published)).size).toBe(1);
  });

  it('is different for another database', async () => {
    const [one, other] = [await openKeyRing(place().database), await openKeyRing(place().database)];
    expect(one.publicKeys.keys[0]?.x).not.toBe(other.publicKeys.keys[0]?.x);
  });

  it('signs with Ed25519 under a published key id and the requested type', async () => {
    const { sign, publicKeys, algorithm } = await openKeyRing(place().database);
    const header = decodeProtectedHeader(await sign('test+jwt', {}));
    expect(header).toEqual({ alg: algorithm, kid: publicKeys.keys[0]?.kid, typ: 'test+jwt' });
    expect(algorithm).toBe('Ed25519');
  });

  it('publishes neither the private half nor unknown members of the file', async () => {
    const { database, file } = place();
    await openKeyRing(database);
    const stored = JSON.parse(readFileSync(file, 'utf8')) as { keys: Record<string, string>[] };
    const secret = stored.keys[0]?.['d'] ?? '';
    expect(secret).not.toBe('');
    writeFileSync(file, JSON.stringify({ keys: [{ ...stored.keys[0], note: 'a secret note' }] }));
    const { publicKeys } = await openKeyRing(database);
    expect(Object.keys(publicKeys.keys[0] ?? {}).sort()).toEqual(['crv', 'kid', 'kty', 'use', 'x']);
    expect(JSON.stringify(publicKeys)).not.toContain(secret);
  });

  it('publishes keys that verify signatures as Ed25519 and earlier ones as EdDSA', async () => {
    const { database, file } = place();
    const ring = await openKeyRing(database);
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
    const { database, file } = place();
    await openKeyRing(database);
    chmodSync(file, 0o644);
    await expect(openKeyRing(database)).rejects.toThrow(ConfigError);
    writeFileSync(file, '{"keys":');
    chmodSync(file, 0o600);
    await expect(openKeyRing(database)).rejects.toThrow(ConfigError);
    expect(readFileSync(file, 'utf8')).toBe('{"keys":');
  });

  it('refuses a folder that does not exist', async () => {
    const opening = openKeyRing(join(temporaryFolder(), 'missing', 'service.db'));
    await expect(opening).rejects.toThrow("can't be written");
    await expect(opening).rejects.toBeInstanceOf(ConfigError);
  });
});

describe('a key ring whose keys are rotated while its server runs', () => {
  it('publishes the new key, signs with it later, and keeps the old one for its tokens', async () => {
    const { ring, later, rotate, times } = await newRing();
    const old = await signer(ring);
    later(SECOND_MS);
    const next = await rotate();
    later(250);
    expect(published(ring)).toEqual([next, old]);
    later(305 * SECOND_MS - 251);
    expect(await signer(ring)).toBe(old);
    const exp = Math.floor(times.clock() / 1000) + 30;
    const lastOfOld = await ring.sign('test+jwt', { exp });
    const verify = () =>
      jwtVerify(lastOfOld, createLocalJWKSet(ring.publicKeys), {
        currentDate: new Date(times.clock()),
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
    const { ring, database, later, rotate, times } = await newRing();
    const old = (await signer(ring)) ?? '';
    const added = await rotate(true);
    retireKey(database, old, times);
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
    await openKeyRing(where.database);
    await openKeyRing(other.database);
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
    const { ring, times } = await newRing(where);
    expect([await signer(ring), published(ring)]).toEqual([kids[0], [kids[0]]]);
    expect(listKeys(where.database, times)).toEqual([
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
