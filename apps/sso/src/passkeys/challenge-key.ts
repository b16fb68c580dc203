/**
 * The key that authenticates challenges. All instances share it, so it is a row of the database, sealed if
 * there is a sealing key. With it, one can create challenges, but no passkey signs them without its person.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { SealingKeyError, type SealingKeys } from '@samesite-sso/core';
import type { ServiceSecretStore } from '../storage/stores.ts';

const NAME = 'passkey challenge key';
const KEY_BYTES = 32;

/** @throws {SealingKeyError} if it is sealed, and no sealing key opens it */
export async function openChallengeKey(
  store: ServiceSecretStore,
  sealing: SealingKeys | null,
): Promise<KeyObject> {
  const stored = await store.findOrCreate(NAME, await toStored(randomBytes(KEY_BYTES), sealing));
  const { secret, isCurrent } = await open(stored, sealing);
  if (!isCurrent) await store.replace(NAME, stored, await toStored(secret, sealing));
  return createSecretKey(secret);
}

const SECRET_NAME = { purpose: 'sso service secret', id: NAME };

async function toStored(secret: Uint8Array, sealing: SealingKeys | null): Promise<string> {
  if (sealing === null) return Buffer.from(secret).toString('base64url');
  return await sealing.seal(SECRET_NAME, secret);
}

async function open(
  stored: string,
  sealing: SealingKeys | null,
): Promise<{ secret: Uint8Array; isCurrent: boolean }> {
  const isSealed = stored.includes('.'); // A compact JWE has dots, and base64url has none.
  if (!isSealed) return { secret: Buffer.from(stored, 'base64url'), isCurrent: sealing === null };
  if (sealing !== null) return await sealing.open(SECRET_NAME, stored);
  throw new SealingKeyError(`is missing, but the ${NAME} in the database is sealed`);
}
