import { createSecretKey, randomBytes } from 'node:crypto';
import { sha256 } from '@samesite-sso/core';
import { expect, test } from 'vitest';
import { type ChallengeScope, Challenges } from './passkey-challenge.ts';

const FOO = 'http://foo.app.example.localhost:4001';
const SIGN_IN: ChallengeScope = { purpose: 'app authentication', origin: FOO };
const MINUTE_MS = 60_000;

function given() {
  const clock = { now: Date.parse('2026-11-22T12:00:00Z') };
  const key = createSecretKey(randomBytes(32));
  return { clock, key, challenges: new Challenges(key, () => clock.now) };
}

test('a challenge is accepted for what it was issued for, at any instance with the same key', () => {
  const { challenges, clock, key } = given();
  const challenge = challenges.create(SIGN_IN);
  const other = new Challenges(key, () => clock.now);
  expect(other.check(challenge, SIGN_IN)).toEqual({
    hash: sha256(challenge),
    expiresAt: clock.now + 5 * MINUTE_MS,
  });
});

test('every challenge is different, and has 128 random bits', () => {
  const { challenges } = given();
  const all = Array.from({ length: 1000 }, () => challenges.create(SIGN_IN));
  expect(new Set(all).size).toBe(1000);
  expect(new Set(all.map((text) => Buffer.from(text, 'base64url').toString('hex', 1, 17))).size).toBe(1000);
});

test('a challenge lives for 5 minutes [T-PASSKEY-02]', () => {
  const { challenges, clock } = given();
  const challenge = challenges.create(SIGN_IN);
  clock.now += 5 * MINUTE_MS - 1;
  challenges.check(challenge, SIGN_IN);
  clock.now += 1;
  expect(() => challenges.check(challenge, SIGN_IN)).toThrow('has expired');
});

test.each([
  ['another app’s page [T-PASSKEY-02]', { ...SIGN_IN, origin: 'http://lorem.app.example.localhost:4002' }],
  ['a registration [T-PASSKEY-05]', { ...SIGN_IN, purpose: 'registration' }],
  ['the account page [T-PASSKEY-05]', { ...SIGN_IN, purpose: 'account authentication' }],
  ['a session', { ...SIGN_IN, sid: 'a session' }],
] as [string, ChallengeScope][])('a challenge isn’t accepted for %s', (_title, scope) => {
  const { challenges } = given();
  const challenge = challenges.create(SIGN_IN);
  expect(() => challenges.check(challenge, scope)).toThrow('issued for another purpose');
});

test('a challenge of one session isn’t accepted for another', () => {
  const { challenges } = given();
  const scope: ChallengeScope = { purpose: 'registration', origin: FOO, sid: 'one' };
  const challenge = challenges.create(scope);
  challenges.check(challenge, scope);
  expect(() => challenges.check(challenge, { ...scope, sid: 'two' })).toThrow('issued for another purpose');
  expect(() => challenges.check(challenge, SIGN_IN)).toThrow('issued for another purpose');
});

test('text of one member of a challenge’s scope can’t pass for another member', () => {
  const { challenges } = given();
  const challenge = challenges.create({ purpose: 'registration', origin: FOO, sid: 'a","b' });
  const other: ChallengeScope = { purpose: 'registration', origin: `${FOO}","a`, sid: 'b' };
  expect(() => challenges.check(challenge, other)).toThrow('issued for another purpose');
});

test('a challenge with any bit changed is refused, and so is one under another key', () => {
  const { challenges } = given();
  const bytes = Buffer.from(challenges.create(SIGN_IN), 'base64url');
  for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(() => challenges.check(changed.toString('base64url'), SIGN_IN)).toThrow();
  }
  const text = bytes.toString('base64url');
  expect(() => given().challenges.check(text, SIGN_IN)).toThrow('issued for another purpose');
});

test('another text of the same bytes is refused: it would count as unspent', () => {
  const { challenges } = given();
  const challenge = challenges.create(SIGN_IN);
  const last = challenge.slice(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const sibling = alphabet[(alphabet.indexOf(last) ^ 1) % 64];
  const texts = [`${challenge}=`, `${challenge} `, `${challenge}!`, `${challenge.slice(0, -1)}${sibling}`];
  for (const text of [...texts, '', 'A', challenge.slice(1)]) {
    expect(() => challenges.check(text, SIGN_IN)).toThrow("isn't one of this service");
  }
});
