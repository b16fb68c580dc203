/** The value of a session cookie. Only its hash is stored. */
import { hash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;
const TOKEN_PATTERN = /^[\w-]{43}$/;

/** Returns 256 bits from the system's random source, in base64url. */
export function createSessionToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Whether a text looks like a session token. Anything else isn't worth a look-up. */
export function isSessionToken(text: string): boolean {
  return TOKEN_PATTERN.test(text);
}

/** A fast hash is enough for a random token. A password would need a slow one. */
export function sha256(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
