/** A signing key with its times, as every store keeps it: in the key file, or sealed in the database. */
import { exportKeyPair, importKeyPair, type KeyPair, type PrivateJwk } from './key-pair.ts';

/** Times are in milliseconds since the epoch. */
export interface Key extends KeyPair {
  readonly createdAt: number;
  /** When it starts to sign. */
  readonly activeFrom: number;
}

/**
 * Both times are ISO 8601 and keep the names that earlier versions gave them, so that these can still
 * read the file after a rollback. The earliest files have neither.
 */
export type StoredKey = PrivateJwk & { born?: string; signsFrom?: string };

export function exportKey({ createdAt, activeFrom, ...pair }: Key): object {
  return {
    ...exportKeyPair(pair),
    born: new Date(createdAt).toISOString(),
    signsFrom: new Date(activeFrom).toISOString(),
  };
}

/**
 * @param writtenAt the creation time of a key that has none
 * @throws {Error} when it isn't a valid key; the message quotes nothing of it
 */
export function importKey({ born, signsFrom, ...jwk }: StoredKey, writtenAt = Number.NaN): Key {
  const createdAt = born === undefined ? writtenAt : Date.parse(born);
  const activeFrom = signsFrom === undefined ? createdAt : Date.parse(signsFrom);
  if (Number.isNaN(createdAt) || Number.isNaN(activeFrom)) throw new Error('an invalid time');
  return { ...importKeyPair(jwk), createdAt, activeFrom };
}
