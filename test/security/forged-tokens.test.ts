/**
 * The attacker has the SSO service's public key and keys of their own or of an app, and knows how libraries
 * were tricked into taking a key or an algorithm from the token. They want foo to accept a token that they
 * made.
 */
import { constants, createHmac, generateKeyPairSync, type SignKeyObjectInput, sign } from 'node:crypto';
import { AUTHENTICATION_TOKEN_TYPE } from '@samesite-sso/protocol';
import { decodeProtectedHeader } from 'jose';
import { expect, test } from 'vitest';
import { type Site, sharedSite } from '../support/site.ts';
import { compact, type Key, keyOf, signedBy, tokenClaims, unpublishedKey } from './create-jws.ts';
import { type Forgery, prepareTokenForgery } from './expect-token-refused.ts';
import { assertionOf } from './introspect.ts';

const shared = sharedSite();
const attempt = prepareTokenForgery(shared);

type Variant = [how: string, forge: Forgery];

const typ = AUTHENTICATION_TOKEN_TYPE;
const claims = (at: Site) => tokenClaims(at, at.foo);
const headerOf = (token: string) => decodeProtectedHeader(token) as Record<string, unknown>;
const partsOf = (token: string) => token.split('.') as [string, string, string];

/** The genuine header and claims with another algorithm, and no signature or the genuine one. */
const unsigned = ['none', 'None', 'NONE', 'nOnE', 'none ', '\u0000none', ''].flatMap((alg): Variant[] => [
  [
    `alg ${JSON.stringify(alg)} and no signature`,
    (genuine, at) => compact({ ...headerOf(genuine), alg }, claims(at)),
  ],
  [
    `alg ${JSON.stringify(alg)} and a signature of something else`,
    (genuine, at) => compact({ ...headerOf(genuine), alg }, claims(at)) + partsOf(genuine)[2],
  ],
]);

const NO_ALGORITHMS = [
  undefined,
  null,
  0,
  true,
  ['Ed25519'],
  { name: 'Ed25519' },
  'ed25519',
  'eddsa',
  'Ed25519\u0000',
];

const noAlgorithm = NO_ALGORITHMS.map(
  (alg): Variant => [
    `alg ${JSON.stringify(alg)} over a signature by an unpublished key`,
    (genuine, at) => signedBy(unpublishedKey('any'), { ...headerOf(genuine), alg }, claims(at)),
  ],
);

/** What a library could take as the shared secret if the header names a symmetric algorithm. */
const secrets: Record<string, (key: Key) => string | Buffer> = {
  PEM: ({ publicKey }) => publicKey.export({ format: 'pem', type: 'spki' }),
  'PEM without its last newline': ({ publicKey }) =>
    publicKey.export({ format: 'pem', type: 'spki' }).toString().trim(),
  DER: ({ publicKey }) => publicKey.export({ format: 'der', type: 'spki' }),
  bytes: ({ jwk }) => Buffer.from(String(jwk['x']), 'base64url'),
  text: ({ jwk }) => String(jwk['x']),
  JWK: ({ jwk }) => JSON.stringify(jwk),
  nothing: () => '',
};

const confusion = [256, 384, 512].flatMap((bits) =>
  Object.entries(secrets).map(
    ([form, secretOf]): Variant => [
      `HS${bits} with the public key as ${form} for a secret`,
      (genuine, at) =>
        compact({ ...headerOf(genuine), alg: `HS${bits}` }, claims(at), (input) =>
          createHmac(`sha${bits}`, secretOf(keyOf(at.sso)))
            .update(input)
            .digest(),
        ),
    ],
  ),
);

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

const otherAlgorithmKeys: [alg: string, hash: string | null, key: SignKeyObjectInput][] = [
  ['RS256', 'sha256', { key: rsa }],
  ['PS256', 'sha256', { key: rsa, ...pss }],
  ['ES256', 'sha256', { key: p256, dsaEncoding: 'ieee-p1363' }],
  ['EdDSA', null, { key: generateKeyPairSync('ed25519').privateKey }],
  ['EdDSA', null, { key: generateKeyPairSync('ed448').privateKey }],
  ['Ed25519', null, { key: generateKeyPairSync('ed25519').privateKey }],
  ['Ed25519', null, { key: generateKeyPairSync('ed448').privateKey }],
];

const otherAlgorithms = otherAlgorithmKeys.map(
  ([alg, hash, key]): Variant => [
    `${alg} by an unpublished ${key.key.asymmetricKeyType} key under the genuine key id`,
    (genuine, at) => compact({ ...headerOf(genuine), alg }, claims(at), (input) => sign(hash, input, key)),
  ],
);

/** Header parameters that offer a key for the verification. */
const offers: Record<string, (key: Key) => object> = {
  jwk: ({ jwk }) => ({ jwk }),
  'jwk and its id': ({ jwk, kid }) => ({ jwk, kid }),
  jku: () => ({ jku: 'http://127.0.0.1:9/jwks.json' }),
  x5u: () => ({ x5u: 'http://127.0.0.1:9/certificate.pem' }),
  x5c: ({ publicKey }) => ({
    x5c: [publicKey.export({ format: 'der', type: 'spki' }).toString('base64')],
  }),
  'jwk among the critical ones': ({ jwk }) => ({ jwk, crit: ['jwk'] }),
};

const offered = Object.entries(offers).map(
  ([how, offer]): Variant => [
    `an unpublished key offered by ${how}`,
    (genuine, at) => {
      const key = unpublishedKey('unknown');
      return signedBy(key, { typ, kid: headerOf(genuine)['kid'], ...offer(key) }, claims(at));
    },
  ],
);

const keyIds: unknown[] = [
  '../../../../../../dev/null',
  '/dev/null',
  'http://127.0.0.1:9/jwks.json',
  "' UNION SELECT 'secret' --",
  '| id',
  '\u0000',
  '',
  '__proto__',
  'constructor',
  'x'.repeat(2000),
  ['any'],
  { kid: 'any' },
  0,
  null,
  undefined,
];

const injected = [
  ...keyIds.map(
    (kid): Variant => [
      `an unpublished key under the id ${JSON.stringify(kid)?.slice(0, 40)}`,
      (_genuine, at) => signedBy(unpublishedKey('unknown'), { typ, kid }, claims(at)),
    ],
  ),
  ...['\u0000', ' ', '\n'].map(
    (more): Variant => [
      `an unpublished key under the genuine id and ${JSON.stringify(more)}`,
      (genuine, at) =>
        signedBy(unpublishedKey('any'), { typ, kid: headerOf(genuine)['kid'] + more }, claims(at)),
    ],
  ),
  [
    'HS256 with an empty secret under the id of an empty file',
    (_genuine, at) =>
      compact({ alg: 'HS256', typ, kid: '/dev/null' }, claims(at), (input) =>
        createHmac('sha256', '').update(input).digest(),
      ),
  ] as Variant,
];

const othersKeys: Variant[] = [
  ["foo's own key", (_genuine, at) => signedBy(keyOf(at.foo), { typ }, claims(at))],
  [
    "foo's own key under the service's id",
    (genuine, at) => signedBy(keyOf(at.foo), { typ, kid: headerOf(genuine)['kid'] }, claims(at)),
  ],
  ["another app's key", (_genuine, at) => signedBy(keyOf(at.lorem), { typ }, claims(at))],
  ["foo's client assertion", (_genuine, at) => assertionOf(at, at.foo)],
];

test.each([...unsigned, ...noAlgorithm])(
  'an app accepts no token without an algorithm: %s [T-TOKEN-08]',
  async (_how, forge) => {
    expect(await attempt(forge)).toBe(0);
  },
);

test.each([...confusion, ...otherAlgorithms])(
  'an app accepts no token of another algorithm: %s [T-TOKEN-08]',
  async (_how, forge) => {
    expect(await attempt(forge)).toBe(0);
  },
);

test.each(offered)('an app takes no key from the token: %s [T-TOKEN-09]', async (_how, forge) => {
  expect(await attempt(forge)).toBe(0);
});

test.each(injected)('an app treats the key id only as a name: %s [T-TOKEN-09]', async (_how, forge) => {
  expect(await attempt(forge)).toBe(0);
});

test.each(othersKeys)('an app accepts only the SSO service’s keys: %s [T-TOKEN-09]', async (_how, forge) => {
  expect(await attempt(forge)).toBe(0);
});
