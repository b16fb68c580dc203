import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { deadAddress, localServer } from '../../../test/support/local-server.fixture.ts';
import { createKeyFinder, type FindKey } from './key-sets.ts';
import type { PendingExchange } from './observation.ts';
import { redactMessage } from './redaction/messages.ts';
import { toExchange } from './signatures.ts';

type Algorithm = 'Ed25519' | 'EdDSA' | 'ES256';

const SSO = 'http://sso.example.localhost:4000';
const FOO = 'http://foo.app.example.localhost:4001';

/** @param issuer of the JWTs that the key signs */
async function createKey(kid: string, algorithm: Algorithm = 'Ed25519', issuer = SSO) {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  /** @param alg as the header names it */
  const sign = (alg: string = algorithm, id = kid, expiresIn = 30) =>
    new SignJWT({ iss: issuer })
      .setProtectedHeader({ alg, kid: id })
      .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
      .sign(privateKey);
  return { jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' }, sign };
}

type Key = Awaited<ReturnType<typeof createKey>>;

/** A server with a key set that the test changes. */
async function keyServer(...keys: Key[]) {
  const userAgents: unknown[] = [];
  const server = await localServer(({ headers }, response) => {
    userAgents.push(headers['user-agent']);
    response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
  });
  return { ...server, keys, userAgents };
}

/** @param servers by the issuer whose keys they have */
function keysOf(servers: Readonly<Record<string, { url: string }>>): FindKey {
  return createKeyFinder(new Map(Object.entries(servers).map(([issuer, { url }]) => [issuer, url])));
}

/** What is reported of a token's signature. */
async function check(token: string, findKey: FindKey): Promise<string | undefined> {
  const fields = [['Content-Type', 'application/json'] as const];
  const message = redactMessage('response', { fields, body: JSON.stringify({ token }) }, new Set());
  const exchange = { request: message, response: null } as unknown as PendingExchange;
  const { request } = await toExchange(exchange, findKey);
  expect(JSON.stringify(request)).not.toContain(token.split('.')[2]);
  return request.tokens[0]?.signature;
}

/** Replaces a character in the middle of the signature. */
function forge(token: string): string {
  const index = token.length - 20;
  return `${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`;
}

describe('the signature of a JWT', () => {
  it('is valid if a key of its issuer verifies it, even for an expired JWT', async () => {
    const [one, other] = [await createKey('one'), await createKey('other', 'Ed25519', FOO)];
    const findKey = keysOf({ [SSO]: await keyServer(one), [FOO]: await keyServer(other) });
    expect(await check(await one.sign(), findKey)).toBe('valid');
    expect(await check(await other.sign('EdDSA'), findKey)).toBe('valid');
    expect(await check(await other.sign('Ed25519', 'other', -60), findKey)).toBe('valid');
  });

  it('can’t be checked by a key of another issuer, or if the issuer is unknown [T-LAB-03]', async () => {
    const asSso = await createKey('foo', 'Ed25519', SSO);
    const unknown = await createKey('unknown', 'Ed25519', 'http://ipsum.app.example.localhost:4003');
    const servers = {
      [SSO]: await keyServer(await createKey('sso')),
      [FOO]: await keyServer(asSso, unknown),
    };
    expect(await check(await asSso.sign(), keysOf(servers))).toBe('unknown-key');
    expect(await check(await unknown.sign(), keysOf(servers))).toBe('unknown-key');
  });

  it('is invalid if it is forged or made with another key', async () => {
    const [key, other] = [await createKey('key'), await createKey('other')];
    const findKey = keysOf({ [SSO]: await keyServer(key) });
    expect(await check(forge(await key.sign()), findKey)).toBe('invalid');
    expect(await check(await other.sign('Ed25519', 'key'), findKey)).toBe('invalid');
  });

  it.each(['none', 'HS256', 'ES256', 'RS256'])(
    'is invalid with the algorithm %s, even with the right key ID',
    async (alg) => {
      const key = await createKey('key');
      const findKey = keysOf({ [SSO]: await keyServer(key) });
      const [, claims, signature] = (await key.sign()).split('.');
      for (const kid of ['key', 'another']) {
        const header = Buffer.from(JSON.stringify({ alg, kid })).toString('base64url');
        expect(await check(`${header}.${claims}.${signature}`, findKey)).toBe('invalid');
      }
    },
  );

  it('can’t be checked without its key', async () => {
    const [key, elliptic] = [await createKey('key'), await createKey('elliptic', 'ES256')];
    const token = await key.sign();
    const broken = await localServer((_request, response) => response.end('{"keys":[1,{}],'));
    const large = await localServer((_request, response) => {
      response.end(JSON.stringify({ keys: [key.jwk], more: 'a'.repeat(65_536) }));
    });
    for (const server of [{ url: await deadAddress() }, broken, large, await keyServer(elliptic)]) {
      expect(await check(token, keysOf({ [SSO]: server }))).toBe('unknown-key');
    }
    expect(await check(token, keysOf({}))).toBe('unknown-key');
  });

  it('is checked by a server’s key while another server hangs', async () => {
    const key = await createKey('key');
    let hasGivenUp = false;
    const hanging = await localServer((_request, response) => {
      response.on('close', () => {
        hasGivenUp = true;
      });
    });
    const findKey = keysOf({ [FOO]: hanging, [SSO]: await keyServer(key) });
    const other = await createKey('other', 'Ed25519', FOO);
    void check(await other.sign(), findKey);
    expect(await check(await key.sign(), findKey)).toBe('valid');
    expect(hasGivenUp).toBe(false);
  });
});

describe('a key set', () => {
  it('is fetched once for many tokens, with the inspector’s User-Agent', async () => {
    const key = await createKey('key');
    const server = await keyServer(key);
    const findKey = keysOf({ [SSO]: server });
    const tokens = await Promise.all([key.sign(), key.sign('EdDSA'), key.sign()]);
    const results = await Promise.all(tokens.map((token) => check(token, findKey)));
    expect([...results, await check(await key.sign(), findKey)]).toEqual(Array(4).fill('valid'));
    expect(server.userAgents).toEqual(['samesite-sso-lab']);
  });

  it('is fetched again for an unknown key, but not for each', async () => {
    const [old, next, forged] = [await createKey('old'), await createKey('next'), await createKey('forged')];
    const server = await keyServer(old);
    const findKey = keysOf({ [SSO]: server });
    expect(await check(await old.sign(), findKey)).toBe('valid');
    server.keys.push(next);
    await expect.poll(async () => await check(await next.sign(), findKey)).toBe('valid');
    const count = server.requests();
    for (let index = 0; index < 50; index += 1) {
      expect(await check(await forged.sign(), findKey)).toBe('unknown-key');
    }
    expect(server.requests()).toBeLessThan(count + 10);
  });

  it.each([404, 500])('that can’t be fetched (%i) is asked for at most once a second', async (status) => {
    const failing = await localServer((_request, response) => response.writeHead(status).end());
    const findKey = keysOf({ [SSO]: failing });
    const key = await createKey('key');
    const startedAt = performance.now();
    for (let index = 0; index < 50; index += 1) {
      expect(await check(await key.sign(), findKey)).toBe('unknown-key');
    }
    expect(failing.requests()).toBeLessThanOrEqual(1 + (performance.now() - startedAt) / 1000);
  });
});
