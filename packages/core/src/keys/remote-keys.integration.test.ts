import type { RequestListener } from 'node:http';
import { errors, exportJWK, type FlattenedJWSInput, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { deadAddress, localServer } from '../../../../test/support/local-server.fixture.ts';
import { JwksUnreachableError, remoteKeys } from './remote-keys.ts';

async function keyPair(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const sign = (header: { kid?: string } = {}) =>
    new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'EdDSA', kid, ...header }).sign(privateKey);
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA', use: 'sig' }, sign };
}

const TOKEN: FlattenedJWSInput = { payload: '', signature: '' };
const findKey = (url: string, kid = 'any') => remoteKeys(url)({ alg: 'EdDSA', kid }, TOKEN);

async function expectUnreachable(listener: RequestListener): Promise<void> {
  const { url } = await localServer(listener);
  const started = performance.now();
  await expect(findKey(url)).rejects.toBeInstanceOf(JwksUnreachableError);
  expect(performance.now() - started).toBeLessThan(2500);
}

describe('the keys of a peer', () => {
  it('are fetched once, from its well-known address, and verify what it signed', async () => {
    const { jwk, sign } = await keyPair('one');
    const paths: string[] = [];
    const { url, requests } = await localServer((request, response) => {
      paths.push(request.url ?? '');
      response.end(JSON.stringify({ keys: [jwk] }));
    });
    const keys = remoteKeys(url);
    for (let round = 0; round < 3; round++) {
      expect((await jwtVerify(await sign(), keys)).payload.sub).toBe('ada');
    }
    expect([paths, requests()]).toEqual([['/.well-known/jwks.json'], 1]);
  });

  it('are fetched below the path of the peer’s URL, if it has one', async () => {
    const { jwk, sign } = await keyPair('one');
    const { url } = await localServer((request, response) => {
      const isRight = request.url === '/api/v1/.well-known/jwks.json';
      response.writeHead(isRight ? 200 : 404).end(JSON.stringify({ keys: [jwk] }));
    });
    expect((await jwtVerify(await sign(), remoteKeys(`${url}/api/v1`))).payload.sub).toBe('ada');
  });

  it('are fetched once for many callers at the same time', async () => {
    const { jwk, sign } = await keyPair('one');
    const { url, requests } = await localServer((_request, response) => {
      setTimeout(() => response.end(JSON.stringify({ keys: [jwk] })), 50);
    });
    const keys = remoteKeys(url);
    const token = await sign();
    await Promise.all(Array.from({ length: 20 }, () => jwtVerify(token, keys)));
    expect(requests()).toBe(1);
  });

  it('are fetched at most once a second for unknown key ids', async () => {
    const { jwk, sign } = await keyPair('one');
    const { url, requests } = await localServer((_request, response) => {
      response.end(JSON.stringify({ keys: [jwk] }));
    });
    const keys = remoteKeys(url);
    await jwtVerify(await sign(), keys);
    const started = performance.now();
    for (let junk = 0; junk < 200 || performance.now() - started < 1200; junk++) {
      const refused = keys({ alg: 'EdDSA', kid: `junk-${junk}` }, TOKEN);
      await expect(refused).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey);
    }
    const seconds = (performance.now() - started) / 1000;
    expect(requests()).toBeGreaterThan(1);
    expect(requests()).toBeLessThanOrEqual(2 + Math.floor(seconds));
  });

  it('are fetched again after this server’s clock was set back', async () => {
    onTestFinished(() => void vi.useRealTimers());
    const [one, two] = [await keyPair('one'), await keyPair('two')];
    let published = [one.jwk];
    const { url } = await localServer((_request, response) => {
      response.end(JSON.stringify({ keys: published }));
    });
    const keys = remoteKeys(url);
    await jwtVerify(await one.sign(), keys);
    published = [two.jwk];
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 600_000 });
    expect((await jwtVerify(await two.sign(), keys)).payload.sub).toBe('ada');
    await expect(jwtVerify(await one.sign(), keys)).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey);
  });

  it('are fetched again when the peer signs with a new key', async () => {
    const [one, two] = [await keyPair('one'), await keyPair('two')];
    let published = [one.jwk];
    const { url } = await localServer((_request, response) => {
      response.end(JSON.stringify({ keys: published }));
    });
    const keys = remoteKeys(url);
    await jwtVerify(await one.sign(), keys);
    published = [two.jwk];
    const token = await two.sign();
    await expect
      .poll(
        () =>
          jwtVerify(token, keys).then(
            () => 'verified',
            () => 'not',
          ),
        { timeout: 3000 },
      )
      .toBe('verified');
  });

  it('are fetched at most four times a second from a peer that responds with nonsense', async () => {
    const { url, requests } = await localServer((_request, response) => {
      response.writeHead(500).end('{}');
    });
    const keys = remoteKeys(url);
    const started = performance.now();
    for (let junk = 0; junk < 20; junk++) {
      await expect(keys({ alg: 'EdDSA', kid: `junk-${junk}` }, TOKEN)).rejects.toBeInstanceOf(
        JwksUnreachableError,
      );
    }
    expect(requests()).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - started) / 250));
  });
});

describe('the keys of a peer that cannot be reached', () => {
  it('are unreachable at once if the peer does not listen', async () => {
    const dead = await deadAddress();
    await expect(findKey(dead)).rejects.toBeInstanceOf(JwksUnreachableError);
  });

  it('are unreachable within 2 s when the peer never responds', () => expectUnreachable(() => {}));

  it('are unreachable within 2 s when the response trickles', () =>
    expectUnreachable((_request, response) => {
      response.write('{"keys": [');
      const trickle = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(trickle));
    }));

  it('are unreachable when the response is over 64 KiB', async () => {
    const { jwk } = await keyPair('any');
    await expectUnreachable((_request, response) => {
      response.end(JSON.stringify({ keys: [jwk], padding: 'x'.repeat(65_536) }));
    });
  });

  it('are not fetched from where the peer redirects', async () => {
    const { jwk } = await keyPair('any');
    const elsewhere = await localServer((_request, response) => {
      response.end(JSON.stringify({ keys: [jwk] }));
    });
    await expectUnreachable((_request, response) => {
      response.writeHead(302, { location: `${elsewhere.url}/.well-known/jwks.json` }).end();
    });
    expect(elsewhere.requests()).toBe(0);
  });

  it.each([
    ['an error', 500, '{"keys":[]}'],
    ['no content', 204, ''],
    ['no JSON', 200, '<html>'],
    ['no keys', 200, '{}'],
    ['null', 200, 'null'],
  ])('are unreachable when the response is %s', (_what, status, body) =>
    expectUnreachable((_request, response) => void response.writeHead(status).end(body)),
  );

  it('are found again once the peer is back', async () => {
    const { jwk, sign } = await keyPair('one');
    let isBack = false;
    const { url } = await localServer((_request, response) => {
      if (isBack) response.end(JSON.stringify({ keys: [jwk] }));
      else response.writeHead(503).end();
    });
    const keys = remoteKeys(url);
    const token = await sign();
    await expect(jwtVerify(token, keys)).rejects.toBeInstanceOf(JwksUnreachableError);
    isBack = true;
    await expect
      .poll(
        () =>
          jwtVerify(token, keys).then(
            () => 'verified',
            () => 'not',
          ),
        { timeout: 3000 },
      )
      .toBe('verified');
  });
});

describe('a token that names no key of the peer', () => {
  it.each([
    ['another key id', { alg: 'EdDSA', kid: 'two' }],
    ['another algorithm', { alg: 'ES256', kid: 'one' }],
    ['an unknown algorithm', { alg: 'hush', kid: 'one' }],
    ['a shared secret', { alg: 'HS256', kid: 'one' }],
    ['no algorithm', { alg: 'none', kid: 'one' }],
  ])('is refused as a token, without blaming the peer: %s', async (_what, header) => {
    const { jwk } = await keyPair('one');
    const { url } = await localServer((_request, response) => {
      response.end(JSON.stringify({ keys: [jwk] }));
    });
    await expect(remoteKeys(url)(header, TOKEN)).rejects.toBeInstanceOf(errors.JOSEError);
  });
});
