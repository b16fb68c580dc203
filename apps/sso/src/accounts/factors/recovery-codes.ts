/**
 * Recovery codes: each takes the place of an authenticator app's code, once. They have enough random bits
 * (OWASP ASVS 5, 6.5.2: at least 112) to be stored under a fast hash.
 */
import { randomBytes } from 'node:crypto';
import { sha256 } from '@samesite-sso/core';

const RECOVERY_CODE_COUNT = 10;

/** Base 32 by Douglas Crockford: without I, L and O, which people misread, and without U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Of 5 bits each: 120 bits. */
const CODE_CHARACTERS = 24;
const NORMALIZED = new RegExp(`^[${ALPHABET}]{${CODE_CHARACTERS}}$`);

/** @returns the codes in groups of four, for people, and their hashes */
export function createRecoveryCodes(): { codes: string[]; hashes: Buffer[] } {
  const codes = Array.from({ length: RECOVERY_CODE_COUNT }, createCode);
  return { codes: codes.map((code) => code.replace(/.{4}(?=.)/g, '$&-')), hashes: codes.map(sha256) };
}

/** @returns the hash of a recovery code, however it is typed; null if the text can't be one */
export function hashRecoveryCode(text: string): Buffer | null {
  const code = withoutSeparators(text).toUpperCase().replace(/[IL]/g, '1').replaceAll('O', '0');
  return NORMALIZED.test(code) ? sha256(code) : null;
}

/** Removes what people add for legibility: spaces, and hyphens, which some phones turn into dashes. */
export function withoutSeparators(text: string): string {
  return text.normalize('NFKC').replace(/[\s\p{Dash}]+/gu, '');
}

function createCode(): string {
  // 32 divides 256, so every character is equally likely.
  return Array.from(randomBytes(CODE_CHARACTERS), (byte) => ALPHABET.charAt(byte % 32)).join('');
}
