import { hash } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { hashPassword } from './argon2.ts';
import { validateImportedHash } from './imported-hash.ts';

const SALT = 'c2FsdHNhbHRzYWx0c2FsdA';
const OUTPUT = 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc';
const argon2 = (parameters: string) => `$argon2id$v=19$${parameters}$${SALT}$${OUTPUT}`;
const bcrypt = (start: string) => `${start}abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG`;

test.each([
  argon2('m=8,t=1,p=1'),
  argon2('m=131072,t=2,p=8'),
  argon2('m=65536,t=4,p=1'),
  argon2('m=8,t=32768,p=1'),
  bcrypt('$2a$04$'),
  bcrypt('$2b$12$'),
  bcrypt('$2y$13$'),
])('%s can be imported', (passwordHash) => {
  expect(validateImportedHash(passwordHash)).toBeNull();
});

test('our own hashes can be imported', async () => {
  expect(validateImportedHash(await hashPassword('x'))).toBeNull();
  expect(validateImportedHash(await hash('x', { memoryCost: 64, timeCost: 3, parallelism: 4 }))).toBeNull();
});

const NEITHER = 'is neither Argon2id ($argon2id$v=19$m=…,t=…,p=…$salt$hash) nor bcrypt ($2a$, $2b$ or $2y$)';
const INCOMPLETE = 'is not a complete Argon2id hash of version 19';
const TOO_EXPENSIVE = 'costs more than m=131072, m×t=262144, p=8';
const BYTES = 'has a length outside 16 to 64 bytes, or a salt longer than 64 bytes';
const COST = 'has a cost outside 4 to 13';

test.each([
  ['nothing', '', NEITHER],
  ['a password', 'correct horse battery staple', NEITHER],
  ['SHA-512 crypt', '$6$saltsalt$abcdefgh', NEITHER],
  ['Argon2i', argon2('m=64,t=1,p=1').replace('argon2id', 'argon2i'), NEITHER],
  ['bcrypt with its early bug', bcrypt('$2x$10$'), NEITHER],
  ['an older version', argon2('m=64,t=1,p=1').replace('v=19', 'v=16'), INCOMPLETE],
  ['no version', argon2('m=64,t=1,p=1').replace('v=19$', ''), INCOMPLETE],
  ['a parameter too few', argon2('m=64,t=1'), INCOMPLETE],
  ['a parameter too many', argon2('m=64,t=1,p=1,keyid=AA'), INCOMPLETE],
  ['no memory', argon2('m=0,t=1,p=1'), INCOMPLETE],
  ['invalid base64', `${argon2('m=64,t=1,p=1').slice(0, -2)}_w`, INCOMPLETE],
  ['padded base64', `${argon2('m=64,t=1,p=1')}=`, INCOMPLETE],
  ['a newline at the end', `${argon2('m=64,t=1,p=1')}\n`, INCOMPLETE],
  ['too much memory', argon2('m=131073,t=1,p=1'), TOO_EXPENSIVE],
  ['too much memory by far', argon2('m=4294967295,t=1,p=1'), TOO_EXPENSIVE],
  ['more memory than fits in 32 bits', argon2('m=99999999999,t=1,p=1'), INCOMPLETE],
  ['too many passes', argon2('m=131072,t=3,p=1'), TOO_EXPENSIVE],
  ['too many passes over little memory', argon2('m=64,t=4097,p=1'), TOO_EXPENSIVE],
  ['too many lanes', argon2('m=1024,t=1,p=9'), TOO_EXPENSIVE],
  ['a hash that many passwords would match', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$BwcHBw`, BYTES],
  ['a hash too long', `$argon2id$v=19$m=64,t=1,p=1$${SALT}$${'Bwc'.padEnd(88, 'HB')}`, BYTES],
  ['a truncated bcrypt hash', bcrypt('$2b$10$').slice(0, -1), 'is not a complete bcrypt hash'],
  ['a bcrypt hash with a suffix', `${bcrypt('$2b$10$')}x`, 'is not a complete bcrypt hash'],
  ['bcrypt with too low a cost', bcrypt('$2b$03$'), COST],
  ['bcrypt with too high a cost', bcrypt('$2b$14$'), COST],
  [
    'a bcrypt salt with its unused bits set',
    bcrypt('$2b$10$').replace('uu7', 'uv7'),
    'is not a complete bcrypt hash',
  ],
  [
    'a bcrypt hash with its unused bits set',
    bcrypt('$2b$10$').replace(/G$/, 'H'),
    'is not a complete bcrypt hash',
  ],
])('%s is refused without being quoted', (_name, passwordHash, reason) => {
  expect(validateImportedHash(passwordHash)).toBe(reason);
});
