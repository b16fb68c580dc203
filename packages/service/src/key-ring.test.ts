import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { openKeyRing } from './key-ring.ts';
import { StartFault } from './start-fault.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';

function place() {
  const folder = temporaryFolder();
  const database = join(folder, 'service.db');
  return { folder, database, file: `${database}.keys.json` };
}

async function faultOf(database: string): Promise<string> {
  const error: unknown = await openKeyRing(database).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(StartFault);
  return (error as StartFault).message;
}

describe('the key ring', () => {
  it('is made on first start, beside the database, for its owner alone', async () => {
    const { database, file, folder } = place();
    await openKeyRing(database);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['service.db.keys.json']);
  });

  it('is the same after a restart: what was signed before verifies after', async () => {
    const { database, file } = place();
    const before = await openKeyRing(database);
    const written = readFileSync(file, 'utf8');
    const token = await before.sign('test+jwt', { sub: 'ada' });
    const after = await openKeyRing(database);
    expect(readFileSync(file, 'utf8')).toBe(written);
    const { payload } = await jwtVerify(token, createLocalJWKSet(after.publicKeys), { typ: 'test+jwt' });
    expect(payload.sub).toBe('ada');
  });

  it('is another one beside another database', async () => {
    const [one, other] = [await openKeyRing(place().database), await openKeyRing(place().database)];
    expect(one.publicKeys.keys[0]?.x).not.toBe(other.publicKeys.keys[0]?.x);
  });

  it('signs asymmetrically, under a key id that is published and the type that is asked for', async () => {
    const { sign, publicKeys, algorithm } = await openKeyRing(place().database);
    const header = decodeProtectedHeader(await sign('test+jwt', {}));
    expect(header).toEqual({ alg: algorithm, kid: publicKeys.keys[0]?.kid, typ: 'test+jwt' });
    expect(algorithm).toBe('EdDSA');
  });

  it('never publishes the private half, nor whatever else stands in the file', async () => {
    const { database, file } = place();
    await openKeyRing(database);
    const stored = JSON.parse(readFileSync(file, 'utf8')) as { keys: Record<string, string>[] };
    const secret = stored.keys[0]?.['d'] ?? '';
    expect(secret).not.toBe('');
    writeFileSync(file, JSON.stringify({ keys: [{ ...stored.keys[0], note: 'a secret note' }] }));
    const { publicKeys } = await openKeyRing(database);
    expect(Object.keys(publicKeys.keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    expect(JSON.stringify(publicKeys)).not.toContain(secret);
  });

  it('publishes every key and signs with the first, so that keys can be changed over', async () => {
    const [{ database, file }, other] = [place(), place()];
    const [, second] = [await openKeyRing(database), await openKeyRing(other.database)];
    const { keys } = JSON.parse(readFileSync(file, 'utf8'));
    const { keys: older } = JSON.parse(readFileSync(other.file, 'utf8'));
    writeFileSync(file, JSON.stringify({ keys: [...keys, ...older] }));
    const both = await openKeyRing(database);
    expect(both.publicKeys.keys.map(({ kid }) => kid)).toEqual([keys[0].kid, older[0].kid]);
    expect(decodeProtectedHeader(await both.sign('t', {})).kid).toBe(keys[0].kid);
    const old = await second.sign('t', {});
    await expect(jwtVerify(old, createLocalJWKSet(both.publicKeys))).resolves.toBeDefined();
  });

  it.each(['640', '604', '660', '644', '620'])(
    'refuses a file that others may open: mode %s',
    async (mode) => {
      const { database, file } = place();
      await openKeyRing(database);
      chmodSync(file, Number.parseInt(mode, 8));
      const fault = await faultOf(database);
      expect(fault).toContain(file);
      expect(fault).toContain(`mode ${mode}`);
    },
  );

  it.each([
    ['nothing', ''],
    ['no JSON', '{"keys": [{"d": "hush'],
    ['no keys', '{}'],
    ['an empty list', '{"keys": []}'],
    ['null', 'null'],
    ['a list of null', '{"keys": [null]}'],
    ['a public key only', '{"keys": [{"kty":"OKP","crv":"Ed25519","x":"hush","kid":"1"}]}'],
    ['a key of another kind', '{"keys": [{"kty":"oct","k":"hush","kid":"1"}]}'],
    ['a key that is none', '{"keys": [{"kty":"OKP","crv":"Ed25519","d":"hush","x":"hush","kid":"1"}]}'],
  ])('refuses a damaged file that holds %s, keeps it, and tells nothing of it', async (_what, content) => {
    const { database, file } = place();
    writeFileSync(file, content, { mode: 0o600 });
    const fault = await faultOf(database);
    expect(fault).toContain(file);
    expect(fault).not.toContain('hush');
    expect(fault).not.toContain('\n');
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('refuses a key whose public half belongs to another: nobody could verify what it signs', async () => {
    const [{ database, file }, other] = [place(), place()];
    await openKeyRing(database);
    await openKeyRing(other.database);
    const { keys } = JSON.parse(readFileSync(file, 'utf8'));
    const { keys: others } = JSON.parse(readFileSync(other.file, 'utf8'));
    writeFileSync(file, JSON.stringify({ keys: [{ ...keys[0], x: others[0].x }] }));
    await faultOf(database);
  });

  it('refuses a folder that is not there', async () => {
    expect(await faultOf(join(temporaryFolder(), 'missing', 'service.db'))).toContain('cannot be written');
  });

  it('is made in spite of a draft that a crash left behind: in a container every process has one id', async () => {
    const { database, file } = place();
    writeFileSync(`${file}.${process.pid}`, '{"keys": [{"d', { mode: 0o600 });
    await expect(openKeyRing(database)).resolves.toBeDefined();
  });
});
