import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSessionToken, isSessionToken, sha256 } from './session-token.ts';

describe('a session token', () => {
  it('has 256 random bits', () => {
    const secrets = Array.from({ length: 1000 }, createSessionToken);
    expect(new Set(secrets).size).toBe(1000);
    for (const secret of secrets) {
      expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
      expect(isSessionToken(secret)).toBe(true);
    }
  });

  it.each([
    '',
    'a'.repeat(42),
    'a'.repeat(44),
    `${'a'.repeat(42)}=`,
    `${'a'.repeat(43)}\n`,
    `\n${'a'.repeat(43)}`,
  ])('never looks like %j', (text) => expect(isSessionToken(text)).toBe(false));

  it('is stored as its SHA-256', () => {
    const secret = createSessionToken();
    expect(sha256(secret)).toEqual(createHash('sha256').update(secret).digest());
  });
});
