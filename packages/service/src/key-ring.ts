/**
 * A server's own signing keys: made on first start, kept in a file that only its owner can read, so that
 * they outlive restarts and never stand in the database. The first key signs; all are published.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { StartFault } from './start-fault.ts';

/**
 * Ed25519: signs faster than ES256, and deterministically, so no weak random number at signing time can
 * give the key away (RFC 8032, section 8.2).
 */
const ALGORITHM = 'EdDSA';

export interface KeyRing {
  readonly algorithm: string;
  /** The public halves, as `/.well-known/jwks.json` shows them. */
  readonly publicKeys: JSONWebKeySet;
  /** Signs claims under a `typ` that says what they are (RFC 8725, section 3.11). */
  sign(type: string, claims: JWTPayload): Promise<string>;
}

/**
 * Opens the keys beside a database, making them if there are none yet.
 *
 * @param database the database's path; the keys are in `<database>.keys.json`
 * @throws {StartFault} when the file is readable by others, damaged, or cannot be written
 */
export async function openKeyRing(database: string): Promise<KeyRing> {
  const file = `${database}.keys.json`;
  const keys = readKeys(file) ?? (await makeKeys(file));
  const [first] = keys;
  if (first === undefined) throw new StartFault(`${file} holds no key`);
  let privateKey: CryptoKey | Uint8Array;
  try {
    privateKey = await importJWK(first, ALGORITHM);
  } catch {
    throw new StartFault(`${file} holds a key that cannot be used; restore it from a backup`);
  }
  const header = { alg: ALGORITHM, kid: first.kid ?? '' };
  return {
    algorithm: ALGORITHM,
    publicKeys: { keys: keys.map(publicHalf) },
    sign: (typ, claims) => new SignJWT(claims).setProtectedHeader({ ...header, typ }).sign(privateKey),
  };
}

function readKeys(file: string): JWK[] | null {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return null;
  // Windows has no such modes.
  if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) {
    const mode = (status.mode & 0o777).toString(8);
    throw new StartFault(`${file} holds private keys and is open to others (mode ${mode}); chmod 600 it`);
  }
  try {
    const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys: JWK[] };
    if (keys.every(({ kty, crv, d, x, kid }) => kty === 'OKP' && crv === 'Ed25519' && d && x && kid))
      return keys;
  } catch {
    // Told below, without what the file holds.
  }
  throw new StartFault(`${file} is not a file of keys; restore it from a backup`);
}

async function makeKeys(file: string): Promise<JWK[]> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  const keys = [{ ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ALGORITHM, use: 'sig' }];
  try {
    // Written aside and renamed, so that a crash leaves either no keys or whole ones.
    const draft = `${file}.${randomUUID()}`;
    const descriptor = openSync(draft, 'wx', 0o600);
    writeSync(descriptor, `${JSON.stringify({ keys }, null, 2)}\n`);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(draft, file);
  } catch (error) {
    throw new StartFault(`${file} cannot be written: ${(error as Error).message}`);
  }
  return keys;
}

/** Member by member: whatever else a private key may hold stays here. */
function publicHalf({ kty, crv, x, kid, alg, use }: JWK): JWK {
  return { kty, crv, x, kid, alg, use } as JWK;
}
