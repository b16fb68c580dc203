/**
 * The attacker has a genuine token, possibly redeemed, and re-encodes it: another signature, other letters
 * for the same bytes, another serialization. They want a token that looks new and is accepted.
 */
import { SSO_PATHS } from '@samesite-sso/protocol';
import { describe, expect, test } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import { sharedSite, site } from '../support/site.ts';
import { encoded, tokenClaims } from './create-jws.ts';
import { type Forgery, prepareTokenForgery } from './expect-token-refused.ts';
import { arrivals, introspect } from './introspect.ts';

const shared = sharedSite();
const attempt = prepareTokenForgery(shared);

type Variant = [how: string, forge: Forgery];

const partsOf = (token: string) => token.split('.') as [string, string, string];

function resigned(token: string, change: (signature: Buffer) => void): string {
  const [header, payload, signature] = partsOf(token);
  const bytes = Buffer.from(signature, 'base64url');
  change(bytes);
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

const turnBit = (index: number) => (genuine: string) =>
  resigned(genuine, (bytes) => void bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index));

/** The group's order L, little-endian. Without a check, S + L verifies like S (RFC 8032, section 5.1.7). */
const ORDER = Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex');

function addOrder(signature: Buffer): void {
  let carry = 0;
  for (const [index, byte] of ORDER.entries()) {
    const sum = signature.readUInt8(32 + index) + byte + carry;
    signature.writeUInt8(sum & 0xff, 32 + index);
    carry = sum >> 8;
  }
}

const signatures: Variant[] = [
  ['no signature', (genuine) => `${partsOf(genuine).slice(0, 2).join('.')}.`],
  ['its first bit', turnBit(0)],
  ['the last bit of its point', turnBit(31)],
  ['its last bit', turnBit(63)],
  ['half of it', (genuine) => genuine.slice(0, -43)],
  ['only zeros', (genuine) => resigned(genuine, (bytes) => bytes.fill(0))],
  ['the neutral point and zero', (genuine) => resigned(genuine, (bytes) => bytes.fill(0).fill(1, 0, 1))],
  ['its scalar and the order of the group', (genuine) => resigned(genuine, addOrder)],
  ['twice', (genuine) => genuine + partsOf(genuine)[2]],
];

const exchanged: Variant[] = [
  [
    'other claims under a genuine signature',
    (genuine, at) => {
      const [header, , signature] = partsOf(genuine);
      return `${header}.${encoded(tokenClaims(at, at.foo))}.${signature}`;
    },
  ],
  [
    'another header under a genuine signature',
    (genuine) => {
      const [header, payload, signature] = partsOf(genuine);
      const more = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), more: 1 };
      return `${encoded(more)}.${payload}.${signature}`;
    },
  ],
  [
    'header and claims exchanged',
    (genuine) => {
      const [header, payload, signature] = partsOf(genuine);
      return `${payload}.${header}.${signature}`;
    },
  ],
];

const flattened = (genuine: string) => {
  const [header, payload, signature] = partsOf(genuine);
  return { protected: header, payload, signature };
};

const serializations: Variant[] = [
  ['JSON, flattened', (genuine) => JSON.stringify(flattened(genuine))],
  [
    'JSON, general',
    (genuine) => {
      const { payload, ...signature } = flattened(genuine);
      return JSON.stringify({ payload, signatures: [signature] });
    },
  ],
  ['detached claims', (genuine) => genuine.replace(/\..*\./, '..')],
  ['five parts, as a JWE has', (genuine) => `${genuine}.${partsOf(genuine)[1]}.${partsOf(genuine)[2]}`],
  ['two parts', (genuine) => genuine.replace(/\.[^.]*$/, '')],
  ['a dot before it', (genuine) => `.${genuine}`],
  ['a dot after it', (genuine) => `${genuine}.`],
  ['one dot too many', (genuine) => genuine.replace('.', '..')],
  ['full-width dots', (genuine) => genuine.replaceAll('.', '．')],
  ['Bearer before it', (genuine) => `Bearer ${genuine}`],
  ['quotes around it', (genuine) => JSON.stringify(genuine)],
  ['percent signs', (genuine) => genuine.replaceAll('.', '%2E')],
  ['the token twice', (genuine) => `${genuine},${genuine}`],
  ['only dots', () => '..'],
  ['only a space', () => ' '],
  ['3 KiB of dots', () => '.'.repeat(3000)],
  ['3 KiB of letters', () => 'A'.repeat(3000)],
];

const foreignLetters: Variant[] = [
  ...[' ', '\n', '\t', '\u0000', '\u00a0', '\u200b', '\ufeff', '='].flatMap((letter): Variant[] => [
    [`${JSON.stringify(letter)} before it`, (genuine) => letter + genuine],
    [`${JSON.stringify(letter)} in its claims`, (genuine) => genuine.replace('.', `.${letter}`)],
  ]),
  ...['\u0000', '\u00a0', '\u200b', '\ufeff', 'A', '-', '+', '/', '%'].map(
    (letter): Variant => [`${JSON.stringify(letter)} after it`, (genuine) => genuine + letter],
  ),
  ['a full-width letter in its signature', (genuine) => genuine.replace(/.$/, (last) => wide(last))],
];

const wide = (letter: string) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0);

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The library decodes signatures leniently: these texts have the same signature bytes. */
const sameBytes: Variant[] = [
  ...[' ', '\n', '\t', '\r\n', '==', '= ='].map(
    (more): Variant => [`${JSON.stringify(more)} after it`, (genuine) => genuine + more],
  ),
  ['a line break in its signature', (genuine) => `${genuine.slice(0, -40)}\r\n${genuine.slice(-40)}`],
  ...[1, 5, 15].map(
    (bits): Variant => [
      `unused bits ${bits} in its last letter`,
      (genuine) => genuine.replace(/.$/, (last) => LETTERS.charAt(LETTERS.indexOf(last) ^ bits)),
    ],
  ),
];

describe('a genuine token that an attacker changes', () => {
  test.each(signatures)(
    'is refused by the app with another signature: %s [T-TOKEN-14]',
    async (_how, forge) => {
      expect(await attempt(forge)).toBe(0);
    },
  );

  test.each(exchanged)('is refused by the app with exchanged parts: %s [T-TOKEN-14]', async (_how, forge) => {
    expect(await attempt(forge)).toBe(0);
  });

  test.each(serializations)(
    'is refused by the app in another serialization: %s [T-TOKEN-14]',
    async (_how, forge) => {
      expect(await attempt(forge)).toBe(0);
    },
  );

  test.each(foreignLetters)(
    'is refused by the app with an additional character: %s [T-TOKEN-14]',
    async (_how, forge) => {
      expect(await attempt(forge)).toBe(0);
    },
  );

  test.each(sameBytes)(
    'is unknown to the SSO service in another encoding of the same bytes: %s [T-TOKEN-14]',
    async (_how, forge) => {
      expect(await attempt(forge)).toBeLessThanOrEqual(1);
    },
  );
});

test('a redeemed token isn’t accepted in another encoding [T-TOKEN-14]', async () => {
  const at = shared();
  const person = new Browser(at);
  await person.signIn(ADA);
  const token = await person.token();
  expect((await person.redeem(at.foo, token)).status).toBe(201);
  const before = await at.state('sso.client_assertion');
  for (const [how, respell] of sameBytes) {
    expect((await new Browser(at).redeem(at.foo, respell(token, at))).status, how).toBe(401);
    expect((await introspect(at, respell(token, at))).body, how).toEqual({ active: false });
  }
  expect(await at.state('sso.client_assertion')).toEqual(before);
});

test.each<[string, number, (token: string) => unknown]>([
  ['a number', 400, () => 1],
  ['null', 400, () => null],
  ['true', 400, () => true],
  ['the token in a list', 400, (token) => [token]],
  ['a flattened JWS', 400, flattened],
  ['an object with a toString', 400, (token) => ({ toString: token })],
  ['more than 4 KiB', 413, (token) => token + 'A'.repeat(4096)],
])('step 4 refuses %s as a token, without an introspection [T-TOKEN-14]', async (_what, status, tokenOf) => {
  const at = await site();
  const person = new Browser(at);
  await person.logIn(ADA);
  const token = await person.token();
  const asked = arrivals(at.sso, SSO_PATHS.introspection);
  const before = await at.state();
  const answer = await person.redeem(at.foo, tokenOf(token));
  expect([answer.status, answer.headers['set-cookie']]).toEqual([status, undefined]);
  expect(asked()).toBe(0);
  expect(await at.state()).toEqual(before);
  expect((await person.redeem(at.foo, token)).status).toBe(201);
});
