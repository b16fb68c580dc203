import { createSecretKey, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { CompactEncrypt, decodeProtectedHeader } from 'jose';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { DatabaseError, SealingKeyError } from '../files/config-error.ts';
import { SealingKeys } from './sealing-keys.ts';

const NAME = { purpose: 'sso signing key', id: 'key-1' };
const SECRET = Buffer.from('a private key');
const ADVICE = '32 random bytes in base64 or base64url, such as openssl rand -base64 32 prints';
/** Its base64 and base64url encodings differ. */
const KEY = Buffer.alloc(32, 0xfb);

function keyFile(content: string | Buffer, mode = 0o600): string {
  const file = join(temporaryFolder(), 'sealing.keys');
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

const newLine = () => `${randomBytes(32).toString('base64')}\n`;
const sealWith = (content: string) => SealingKeys.read(keyFile(content)).seal(NAME, SECRET);
const openWith = (content: string, sealed: string, name = NAME) =>
  SealingKeys.read(keyFile(content)).open(name, sealed);

function refusalOf(file: string): string {
  try {
    SealingKeys.read(file);
  } catch (error) {
    expect(error).toBeInstanceOf(SealingKeyError);
    return (error as SealingKeyError).message;
  }
  throw new Error('nothing was refused');
}

describe('a sealed secret', () => {
  it('is a compact JWE whose protected header names its purpose and id', async () => {
    const sealed = await sealWith(newLine());
    expect(decodeProtectedHeader(sealed)).toEqual({ alg: 'dir', enc: 'A256GCM', ...NAME });
    expect(sealed).not.toContain(SECRET.toString('base64url'));
  });

  it('is sealed by the first key, and opened by every key of the file', async () => {
    const [old, current] = [newLine(), newLine()];
    const sealed = await sealWith(old);
    const secret = expect.objectContaining(new Uint8Array(SECRET));
    expect(await openWith(old, sealed)).toEqual({ secret, isCurrent: true });
    expect(await openWith(current + old, sealed)).toEqual({ secret, isCurrent: false });
    expect(await openWith(old, await sealWith(old + current))).toEqual({ secret, isCurrent: true });
  });

  it.each([
    ['another purpose', { ...NAME, purpose: 'app signing key' }],
    ['another id', { ...NAME, id: 'key-2' }],
  ])('does not open under %s, although the key is right [T-SECRET-08]', async (_what, name) => {
    const line = newLine();
    const opening = openWith(line, await sealWith(line), name);
    await expect(opening).rejects.toThrow(DatabaseError);
    await expect(opening).rejects.toThrow(
      `the ${name.purpose} ${name.id} can't be used: it was sealed as the sso signing key key-1`,
    );
  });

  it.each<[what: string, change: (parts: string[]) => void]>([
    ['header', (parts) => parts.splice(0, 1, encode({ alg: 'dir', enc: 'A256GCM', ...NAME, id: 'key-2' }))],
    ['initialization vector', (parts) => parts.splice(2, 1, flip(parts[2]))],
    ['ciphertext', (parts) => parts.splice(3, 1, flip(parts[3]))],
    ['authentication tag', (parts) => parts.splice(4, 1, flip(parts[4]))],
    ['number of parts', (parts) => parts.pop()],
  ])('does not open when its %s was changed [T-SECRET-08]', async (_what, change) => {
    const line = newLine();
    const parts = (await sealWith(line)).split('.');
    change(parts);
    const opening = openWith(line, parts.join('.'), { ...NAME, id: 'key-2' });
    await expect(opening).rejects.toThrow(SealingKeyError);
    await expect(opening).rejects.toThrow(
      /^no key in \S+ opens the sso signing key key-2: it was sealed with another key, or changed since$/,
    );
  });

  it.each([
    ['nothing', ''],
    ['another text', 'sealed'],
    ['four dots', '....'],
  ])('does not open when it was replaced by %s', async (_what, sealed) => {
    await expect(openWith(newLine(), sealed)).rejects.toThrow(SealingKeyError);
  });

  it.each([
    { alg: 'A256KW', enc: 'A256GCM' },
    { alg: 'dir', enc: 'A128CBC-HS256' },
    { alg: 'dir', enc: 'A256GCM', zip: 'DEF' },
  ])('does not open when the right key sealed it in another way: %o', async (header) => {
    const sealed = await new CompactEncrypt(SECRET)
      .setProtectedHeader({ ...header, ...NAME })
      .encrypt(createSecretKey(KEY));
    await expect(openWith(KEY.toString('base64'), sealed)).rejects.toThrow(SealingKeyError);
  });

  it('does not open with another key', async () => {
    await expect(openWith(newLine(), await sealWith(newLine()))).rejects.toThrow(SealingKeyError);
  });

  it('keeps its error on one line, even if its id in the database has control characters', async () => {
    const opening = openWith(newLine(), 'sealed', { ...NAME, id: 'a\nSSO service can listen\u001b[2J' });
    await expect(opening).rejects.toThrow(/ key a\\u000aSSO service can listen\\u001b\[2J: /);
  });
});

describe('a file of sealing keys', () => {
  it.each([
    ['base64', KEY.toString('base64')],
    ['base64 without padding', KEY.toString('base64').replace('=', '')],
    ['base64url', KEY.toString('base64url')],
    ['base64url with padding', `${KEY.toString('base64url')}=`],
    ['a byte order mark and a carriage return', `\ufeff${KEY.toString('base64')}\r\n`],
    ['white space and empty lines around the key', `\n \n ${KEY.toString('base64')} \n\n`],
  ])('may have %s', async (_what, content) => {
    const sealed = await sealWith(KEY.toString('base64'));
    expect(await openWith(content, sealed)).toMatchObject({ isCurrent: true });
  });

  it.each<[what: string, content: string | Buffer]>([
    ['31 bytes', randomBytes(31).toString('base64')],
    ['33 bytes', randomBytes(33).toString('base64')],
    ['32 bytes in hexadecimal', randomBytes(32).toString('hex')],
    ['a password', 'correct horse battery staple'],
    ['a character of neither alphabet', KEY.toString('base64').replace(/^./, '!')],
    ['both alphabets', `+-${KEY.toString('base64').slice(2)}`],
    ['a key and a comment', `${KEY.toString('base64')} # the first`],
    ['two keys on one line', `${KEY.toString('base64')} ${KEY.toString('base64')}`],
    ['bits that belong to no byte', `${KEY.toString('base64').slice(0, 42)}9`],
  ])('is refused with the line that has %s, which is not quoted', (_what, content) => {
    const good = newLine();
    const file = keyFile(good + content);
    expect(refusalOf(file)).toBe(`${file}, line 2: is not ${ADVICE}`);
  });

  it('is refused when it has the bytes themselves', () => {
    const file = keyFile(Buffer.alloc(32, 0xfb));
    expect(refusalOf(file)).toBe(`${file} is not UTF-8 text; save it as UTF-8`);
  });

  it.each(['', '\n', ' \r\n'])('is refused when it is empty: %j', (content) => {
    const file = keyFile(content);
    expect(refusalOf(file)).toBe(`${file} is empty; each line should be ${ADVICE}`);
  });

  it('is refused when it is missing', () => {
    const file = join(temporaryFolder(), 'sealing.keys');
    expect(refusalOf(file)).toBe(`${file} is missing`);
  });

  it('is refused when it is a symbolic link to itself', () => {
    const file = join(temporaryFolder(), 'sealing.keys');
    symlinkSync(file, file);
    expect(refusalOf(file)).toMatch(/sealing\.keys can't be used: ELOOP, /);
  });

  it('is refused when it is a folder', () => {
    const file = join(temporaryFolder(), 'sealing.keys');
    mkdirSync(file, { mode: 0o700 });
    expect(refusalOf(file)).toBe(`${file} can't be read (EISDIR)`);
  });

  it.each(['604', '644', '666'])('is refused when others may open it: mode %s [T-SECRET-08]', (mode) => {
    const file = keyFile(newLine(), Number.parseInt(mode, 8));
    expect(refusalOf(file)).toBe(`${file} is open to others (mode ${mode}); run chmod 600 ${file}`);
  });

  it('may be open to a group of this process, as Kubernetes makes a mounted secret', async () => {
    const file = keyFile(newLine(), 0o440);
    await expect(SealingKeys.read(file).seal(NAME, SECRET)).resolves.toBeDefined();
  });

  it('may be open to all in the folder of ALLOW_OPEN_FILES_IN', async () => {
    const file = keyFile(newLine(), 0o444);
    vi.stubEnv('ALLOW_OPEN_FILES_IN', dirname(file));
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(SealingKeys.read(file).seal(NAME, SECRET)).resolves.toBeDefined();
  });

  it('is not shown when the keys are printed', () => {
    const line = KEY.toString('base64');
    const keys = SealingKeys.read(keyFile(line));
    for (const text of [inspect(keys, { depth: 9, showHidden: true }), JSON.stringify(keys), String(keys)]) {
      expect(text).not.toContain(line);
      expect(text).not.toMatch(/fb(\W*)fb/i);
    }
  });
});

function encode(header: object): string {
  return Buffer.from(JSON.stringify(header)).toString('base64url');
}

/** Changes the first character. */
function flip(part = ''): string {
  return `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}`;
}
