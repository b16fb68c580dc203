import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { ConfigError } from '../files/config-error.ts';
import { readKeyFile, writeKeyFile } from './key-file.ts';
import { createKeyPair, exportKeyPair } from './key-pair.ts';
import type { Key } from './stored-key.ts';

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

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('nothing was refused');
}

describe('a key file', () => {
  it('returns the keys in the order in which they were written, and only its owner can open it', async () => {
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

  it('is written although a crash has left a draft behind', async () => {
    const { file, key } = await newFile();
    writeFileSync(`${file}.draft`, `{"keys": [{"d${'x'.repeat(10_000)}`, { mode: 0o644 });
    writeKeyFile(file, [await newKey(), key]);
    expect(readKeyFile(file)).toHaveLength(2);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(file, '..'))).toEqual(['service.db.keys.json']);
  });

  it('is read with a byte order mark and carriage returns', async () => {
    const { file, key } = await newFile();
    writeFileSync(file, `\ufeff${readFileSync(file, 'utf8').replaceAll('\n', '\r\n')}`);
    expect(readKeyFile(file).map(({ kid }) => kid)).toEqual([key.kid]);
  });

  it('stays unchanged when it cannot be replaced', async () => {
    const { file, key } = await newFile();
    const before = readFileSync(file, 'utf8');
    mkdirSync(`${file}.draft`);
    const message = messageOf(() => writeKeyFile(file, [key, key]));
    expect(message).toContain(`${file} can't be written`);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it.runIf(process.getuid?.() === 0)('still belongs to its server’s user when root replaces it', async () => {
    const { file, key } = await newFile();
    chownSync(file, 1234, 1234);
    writeKeyFile(file, [await newKey(), key]);
    const { uid, gid, mode } = statSync(file);
    expect([uid, gid, mode & 0o777]).toEqual([1234, 1234, 0o600]);
  });
});

describe('a key file is refused', () => {
  it.each(['604', '644', '602', '666'])('when others may open it: mode %s', async (mode) => {
    const { file } = await newFile();
    chmodSync(file, Number.parseInt(mode, 8));
    expect(messageOf(() => readKeyFile(file))).toBe(
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
    [
      'a key that cannot be imported',
      '{"keys": [{"kty":"OKP","crv":"Ed25519","d":"hush","x":"hush","kid":"1"}]}',
    ],
    ['a key whose id is a number', '{"keys": [{"kty":"OKP","crv":"Ed25519","d":"hush","x":"hush","kid":1}]}'],
  ])('when it holds %s, and it is kept and not quoted', (_what, content) => {
    const file = place();
    writeFileSync(file, content, { mode: 0o600 });
    const message = messageOf(() => readKeyFile(file));
    expect(message).toContain(file);
    expect(message).not.toContain('hush');
    expect(message).not.toContain('\n');
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it.each([
    ['an invalid creation time', { born: 'hush' }],
    ['an invalid activation time', { signsFrom: 'hush' }],
    ['null as the activation time', { signsFrom: null }],
  ])('when a key has %s', async (_what, change) => {
    const { file, key } = await newFile();
    writeFileSync(file, JSON.stringify({ keys: [{ ...exportKeyPair(key), ...change }] }));
    expect(messageOf(() => readKeyFile(file))).toBe(
      `${file} doesn't contain valid keys; restore it from a backup`,
    );
  });

  it('when it holds a duplicate name [T-BODY-02]', () => {
    const file = place();
    writeFileSync(file, '{"keys": [],\n "keys": [{"d": "hush"}]}', { mode: 0o600 });
    expect(messageOf(() => readKeyFile(file))).toBe(
      `${file}, line 2, column 2: is not JSON: expected a name that isn't in this object yet; ` +
        'restore it from a backup',
    );
  });

  it('when a public half belongs to another key', async () => {
    const { file, key } = await newFile();
    const { x } = (await createKeyPair()).publicKey;
    const whole = exportKeyPair(key);
    writeFileSync(file, JSON.stringify({ keys: [whole, { ...whole, x }] }));
    expect(messageOf(() => readKeyFile(file))).toContain("doesn't contain valid keys");
  });

  it('when it cannot be read, without advice to restore a backup', () => {
    const file = place();
    mkdirSync(file, { mode: 0o700 });
    expect(messageOf(() => readKeyFile(file))).toBe(`${file} can't be read (EISDIR)`);
  });

  it('when it is missing', () => {
    const file = place();
    expect(messageOf(() => readKeyFile(file))).toBe(`${file} is missing`);
  });
});

describe('a new key', () => {
  it('has an id that no command line takes for an option, since no id begins with a hyphen', async () => {
    const pairs = await Promise.all(Array.from({ length: 500 }, createKeyPair));
    expect(pairs.filter(({ kid }) => kid.startsWith('-'))).toEqual([]);
  });
});
