import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { PasskeyError } from './passkey-error.ts';
import { RS256, requireUsableKey } from './require-usable-key.ts';

function rsaKey(modulusLength: number): Map<number, unknown> {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  return new Map<number, unknown>([
    [3, RS256],
    [-1, Buffer.from(n, 'base64url')],
    [-2, Buffer.from(e, 'base64url')],
  ]);
}

test('an RSA key of less than 2048 bits is refused, and the log says its length [T-PASSKEY-08]', () => {
  expect(() => requireUsableKey(rsaKey(2048))).not.toThrow();
  const short = rsaKey(1024);
  expect(() => requireUsableKey(short)).toThrow(new PasskeyError('the RSA key has only 1024 bits'));
  expect(() => requireUsableKey(short)).toThrow(PasskeyError);
});

test('a key of another algorithm is refused', () => {
  const es384 = new Map([[3, -35]]);
  expect(() => requireUsableKey(es384)).toThrow('a public key of another algorithm');
});
