/**
 * Time-based one-time passwords (TOTP, RFC 6238), in the one variant that every authenticator app supports:
 * HMAC-SHA-1, 6 digits, and time steps of 30 s. SHA-1 is broken for signatures, not within an HMAC.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const STEP_SECONDS = 30;
export const CODE_DIGITS = 6;

/** RFC 4226, section 4, R6 recommends 160 bits. */
const SECRET_BYTES = 20;

/** RFC 4648, section 6. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function createSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** @param now the time in milliseconds since the epoch */
export function toTimeStep(now: number): number {
  return Math.floor(now / 1000 / STEP_SECONDS);
}

/** RFC 4226, section 5.3, with the time step as the counter. */
export function computeCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** CODE_DIGITS).padStart(CODE_DIGITS, '0');
}

/**
 * Accepts the code of the current time step, and of the one before it: the person may have needed a while to
 * type it (RFC 6238, section 5.2).
 *
 * @returns the time step of the code, the later one if both have the same code; null if it is of neither
 */
export function findTimeStep(secret: Uint8Array, code: string, now: number): number | null {
  const current = toTimeStep(now);
  // Computes both codes, so that the time doesn't reveal which one it was.
  const matches = [current, current - 1].filter((step) => isEqual(computeCode(secret, step), code));
  return matches[0] ?? null;
}

function isEqual(expected: string, code: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(code)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** @returns the secret as authenticator apps take it: in base 32, without padding */
export function toBase32(secret: Uint8Array): string {
  let text = '';
  let [bits, bitCount] = [0, 0];
  for (const byte of secret) {
    bits = (bits << 8) | byte;
    bitCount += 8;
    for (; bitCount >= 5; bitCount -= 5) text += BASE32.charAt((bits >>> (bitCount - 5)) & 31);
    bits &= 2 ** bitCount - 1;
  }
  return bitCount === 0 ? text : text + BASE32.charAt((bits << (5 - bitCount)) & 31);
}

/**
 * The URI that a QR code carries. Its format has no standard: apps follow a description by Google
 * Authenticator, which reserves the colon.
 *
 * @param issuer the site's name
 */
export function toAuthenticatorUri(secret: Uint8Array, issuer: string, username: string): string {
  const label = [issuer, username].map((part) => encodeURIComponent(part.replaceAll(':', ' '))).join(':');
  const parameters = { secret: toBase32(secret), issuer, algorithm: 'SHA1', digits: CODE_DIGITS };
  const query = Object.entries({ ...parameters, period: STEP_SECONDS })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  return `otpauth://totp/${label}?${query}`;
}
