/**
 * Seals small secrets that a database stores, so that a copy or a backup of the database doesn't reveal them.
 * The keys that seal them are in a file outside of the database: the first one seals, and all of them open.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { type CompactDecryptResult, CompactEncrypt, compactDecrypt } from 'jose';
import { ConfigError, DatabaseError, SealingKeyError } from '../files/config-error.ts';
import { escapeLine } from '../files/escape-control-characters.ts';
import { tryStat } from '../files/file-path.ts';
import { requirePrivateFile } from '../files/private-file.ts';
import { readTextFile } from '../files/text-file.ts';

const KEY_BYTES = 32;
const FORMAT = `${KEY_BYTES} random bytes in base64 or base64url, such as openssl rand -base64 32 prints`;

/**
 * Identifies a secret. It is authenticated with the secret: otherwise, a sealed text would also open in
 * another row, in another table, or in another program's database that has the same sealing key.
 */
export interface SecretName {
  /** What the secret is for, such as `sso signing key`. */
  purpose: string;
  /** What identifies its row, such as a `kid`. */
  id: string;
}

export class SealingKeys {
  readonly #file: string;
  readonly #keys: readonly KeyObject[];

  private constructor(file: string, keys: readonly KeyObject[]) {
    this.#file = file;
    this.#keys = keys;
  }

  /** @throws {SealingKeyError} when the file is missing, open to others, or invalid; it quotes no key */
  static read(file: string): SealingKeys {
    const lines = readPrivateText(file).split('\n');
    const keys = lines.flatMap((line, index) => {
      const text = line.trim();
      if (text === '') return [];
      const bytes = decodeKey(text);
      if (bytes === null) throw new SealingKeyError(`${file}, line ${index + 1}: is not ${FORMAT}`);
      return [createSecretKey(bytes)];
    });
    if (keys.length === 0) throw new SealingKeyError(`${file} is empty; each line should be ${FORMAT}`);
    return new SealingKeys(file, keys);
  }

  /** @returns a compact JWE (RFC 7516) under the first key */
  async seal({ purpose, id }: SecretName, secret: Uint8Array): Promise<string> {
    return await new CompactEncrypt(secret)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', purpose, id })
      .encrypt(this.#keys[0] as KeyObject);
  }

  /**
   * @returns the secret, and whether the first key sealed it
   * @throws {SealingKeyError} when no key opens it: its key isn't in the file, or the text was changed
   * @throws {DatabaseError} when it was sealed as another secret
   */
  async open(name: SecretName, sealed: string): Promise<{ secret: Uint8Array; isCurrent: boolean }> {
    for (const [index, key] of this.#keys.entries()) {
      const opened = await decrypt(sealed, key);
      if (opened === null) continue;
      const { purpose, id } = opened.protectedHeader;
      if (purpose !== name.purpose || id !== name.id) {
        throw new DatabaseError(
          escapeLine(`the ${describe(name)} can't be used: it was sealed as the ${purpose} ${id}`),
        );
      }
      return { secret: opened.plaintext, isCurrent: index === 0 };
    }
    throw new SealingKeyError(
      escapeLine(
        `no key in ${this.#file} opens the ${describe(name)}: ` +
          'it was sealed with another key, or changed since',
      ),
    );
  }
}

const describe = ({ purpose, id }: SecretName) => `${purpose} ${id}`;

function readPrivateText(file: string): string {
  const { status, reason } = tryStat(file);
  if (reason !== null) throw new SealingKeyError(`${file} ${reason}`);
  if (status === undefined) throw new SealingKeyError(`${file} is missing`);
  try {
    requirePrivateFile(file);
    return readTextFile(file);
  } catch (error) {
    throw new SealingKeyError(error instanceof ConfigError ? error.errors : (error as Error).message);
  }
}

/** Returns null unless the text is exactly 32 bytes in either alphabet, with or without padding. */
function decodeKey(text: string): Buffer | null {
  const withoutPadding = text.replace(/=$/, '');
  const encoding = /[-_]/.test(withoutPadding) ? 'base64url' : 'base64';
  const bytes = Buffer.from(withoutPadding, encoding);
  // Node's decoder skips invalid characters, so encoding the bytes again must yield the same text.
  const isExact = bytes.length === KEY_BYTES && bytes.toString(encoding).replace(/=$/, '') === withoutPadding;
  return isExact ? bytes : null;
}

/** Returns null when the key doesn't open the text, which anybody who can write the database may change. */
async function decrypt(sealed: string, key: KeyObject): Promise<CompactDecryptResult | null> {
  try {
    return await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
      maxDecompressedLength: 0,
    });
  } catch {
    return null;
  }
}
