import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { ConfigError } from '../files/config-error.ts';
import { type Key, readKeyFile, writeKeyFile } from './key-file.ts';
import { createKeyPair, exportKeyPair } from './key-pair.ts';

const place = () => join(temporaryFolder(), 'service.db.keys.json');
const CREATED_AT = Date.parse('2026-11-22T12:00:00Z');
const newKey = async (): Promise<Key> => ({
  ...(await createKeyPair()),
  createdAt: CREATED_AT,
  activeFrom: CREATED_AT + 305_000,
});

async function newFile() {
  const [file, key] = [place(), await newKey()];
  writeKeyFile(file, [key]);
  return { file, key };
}

function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('nothing was refused');
}

describe('a file of keys', () => {
  it('gives back what was written, in its order, and is open to its owner alone', async () => {
    const file = place();
    const keys = [await newKey(), await newKey()];
    writeKeyFile(file, keys);
    const plain = (key: Key) => ({
      ...exportKeyPair(key),
      createdAt: key.createdAt,
      activeFrom: key.activeFrom,
    });
    expect(readKeyFile(file).map(plain)).toEqual(keys.map(plain));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { keys: stored } = JSON.parse(readFileSync(file, 'utf8'));
    expect(stored[0]).toMatchObject({
      born: '2026-11-22T12:00:00.000Z',
      signsFrom: '2026-11-22T12:05:05.000Z',
    });
  });

  it('is written in spite of a draft that a crash left behind, whatever that held and whoever could read it', async () => {
    const { file, key } = await newFile();
    writeFileSync(`${file}.draft`, `{"keys": [{"d${'x'.repeat(10_000)}`, { mode: 0o644 });
    writeKeyFile(file, [await newKey(), key]);
    expect(readKeyFile(file)).toHaveLength(2);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(file, '..'))).toEqual(['service.db.keys.json']);
  });

  it('is read with a byte order mark and carriage returns, as an editor may have left them', async () => {
    const { file, key } = await newFile();
    writeFileSync(file, `\ufeff${readFileSync(file, 'utf8').replaceAll('\n', '\r\n')}`);
    expect(readKeyFile(file).map(({ kid }) => kid)).toEqual([key.kid]);
  });

  it('is what it was when it cannot be replaced', async () => {
    const { file, key } = await newFile();
    const before = readFileSync(file, 'utf8');
    mkdirSync(`${file}.draft`);
    const fault = faultOf(() => writeKeyFile(file, [key, key]));
    expect(fault).toContain(`${file} cannot be written`);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it.runIf(process.getuid?.() === 0)('goes on belonging to its server when root replaces it', async () => {
    const { file, key } = await newFile();
    chownSync(file, 1234, 1234);
    writeKeyFile(file, [await newKey(), key]);
    const { uid, gid, mode } = statSync(file);
    expect([uid, gid, mode & 0o777]).toEqual([1234, 1234, 0o600]);
  });
});

describe('a file of keys is refused', () => {
  it.each(['604', '644', '602', '666'])('when others may open it: mode %s', async (mode) => {
    const { file } = await newFile();
    chmodSync(file, Number.parseInt(mode, 8));
    expect(faultOf(() => readKeyFile(file))).toBe(
      `${file} is open to others (mode ${mode}); run chmod 600 ${file}`,
    );
  });

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
    ['a key whose id is a number', '{"keys": [{"kty":"OKP","crv":"Ed25519","d":"hush","x":"hush","kid":1}]}'],
  ])('when it holds %s: it is kept, and nothing is told of it', (_what, content) => {
    const file = place();
    writeFileSync(file, content, { mode: 0o600 });
    const fault = faultOf(() => readKeyFile(file));
    expect(fault).toContain(file);
    expect(fault).not.toContain('hush');
    expect(fault).not.toContain('\n');
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it.each([
    ['a birth that is no time', { born: 'hush' }],
    ['a beginning that is no time', { signsFrom: 'hush' }],
    ['a beginning that is null', { signsFrom: null }],
  ])('when a key has %s', async (_what, change) => {
    const { file, key } = await newFile();
    writeFileSync(file, JSON.stringify({ keys: [{ ...exportKeyPair(key), ...change }] }));
    expect(faultOf(() => readKeyFile(file))).toBe(`${file} is not a file of keys; restore it from a backup`);
  });

  it('when a name stands twice in it: nobody could say which value counts', () => {
    const file = place();
    writeFileSync(file, '{"keys": [],\n "keys": [{"d": "hush"}]}', { mode: 0o600 });
    expect(faultOf(() => readKeyFile(file))).toBe(
      `${file}, line 2, column 2: is not JSON: expected a name that this object doesn't have; ` +
        'restore it from a backup',
    );
  });

  it('when a public half belongs to another key: nobody could verify what it signs', async () => {
    const { file, key } = await newFile();
    const { x } = (await createKeyPair()).publicKey;
    const whole = exportKeyPair(key);
    writeFileSync(file, JSON.stringify({ keys: [whole, { ...whole, x }] }));
    expect(faultOf(() => readKeyFile(file))).toContain('cannot be used');
  });

  it('when it cannot be read at all, which no backup helps', () => {
    const file = place();
    mkdirSync(file, { mode: 0o700 });
    expect(faultOf(() => readKeyFile(file))).toBe(`${file} cannot be read (EISDIR)`);
  });

  it('when it is gone', () => {
    const file = place();
    expect(faultOf(() => readKeyFile(file))).toBe(`${file} is missing`);
  });
});

describe('a new key', () => {
  it('has an id that no command line takes for an option', async () => {
    const pairs = await Promise.all(Array.from({ length: 500 }, createKeyPair));
    expect(pairs.filter(({ kid }) => kid.startsWith('-'))).toEqual([]);
  });
});
