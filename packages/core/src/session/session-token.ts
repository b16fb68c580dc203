/** The value of a session cookie: unguessable when made, and never stored but as its hash. */
import { hash, randomBytes } from 'node:crypto';

const BYTES = 32;
const FORM = /^[\w-]{43}$/;

/** 256 bits from the system's random source, base64url. */
export function createSessionToken(): string {
  return randomBytes(BYTES).toString('base64url');
}

/** Whether a text has the form of a secret; anything else is not worth a look-up. */
export function isSecret(text: string): boolean {
  return FORM.test(text);
}

/** SHA-256: enough for a random secret, where a password would need a slow hash. */
export function sha256(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
