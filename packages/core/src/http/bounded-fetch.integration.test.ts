import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localCertificates } from '../../../../scripts/site/certificates.ts';
import { deadAddress, localServer } from '../../../../test/support/local-server.fixture.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { boundedFetch } from './bounded-fetch.ts';

const within = (milliseconds: number) => ({ signal: AbortSignal.timeout(milliseconds) });
const LIMIT_BYTES = 65_536;

describe('the bounded fetch', () => {
  it('returns status, headers and body', async () => {
    const { url } = await localServer((_request, response) => {
      response.writeHead(418, { 'content-type': 'application/json' }).end('{"a":1}');
    });
    const response = await boundedFetch(url, within(2000));
    expect([response.status, response.headers.get('content-type')]).toEqual([418, 'application/json']);
    expect(await response.json()).toEqual({ a: 1 });
  });

  it('accepts 64 KiB and refuses one byte more', async () => {
    const { url } = await localServer((request, response) => {
      response.end('x'.repeat(Number(request.url?.slice(1))));
    });
    const response = await boundedFetch(`${url}/${LIMIT_BYTES}`, within(2000));
    expect(await response.text()).toHaveLength(LIMIT_BYTES);
    await expect(boundedFetch(`${url}/${LIMIT_BYTES + 1}`, within(2000))).rejects.toThrow(
      'more than 65536 bytes',
    );
  });

  it('disconnects from a peer whose response never ends', async () => {
    const flood = (response: ServerResponse) => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
      response.once('drain', () => flood(response));
    };
    const hungUp = Promise.withResolvers<unknown>();
    const { url } = await localServer((_request, response) => {
      hungUp.resolve(once(response, 'close'));
      flood(response);
    });
    await expect(boundedFetch(url, within(4000))).rejects.toThrow('more than 65536 bytes');
    await hungUp.promise;
  });

  it('counts the bytes of a compressed response after decompression', async () => {
    const bomb = gzipSync('x'.repeat(10_000_000));
    expect(bomb.byteLength).toBeLessThan(LIMIT_BYTES);
    const { url } = await localServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    await expect(boundedFetch(url, within(2000))).rejects.toThrow('more than 65536 bytes');
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %d', async (status) => {
    const elsewhere = await localServer((_request, response) => void response.end('{}'));
    const { url } = await localServer((_request, response) => {
      response.writeHead(status, { location: elsewhere.url }).end();
    });
    await expect(boundedFetch(url, { method: 'POST', body: 'a', ...within(2000) })).rejects.toThrow();
    expect(elsewhere.requests()).toBe(0);
  });

  it.each([
    ['never responds', () => {}],
    ['sends its headers and no more', (response: ServerResponse) => response.flushHeaders()],
    [
      'stops halfway',
      (response: ServerResponse) => response.writeHead(200, { 'content-length': 9 }).write('{'),
    ],
  ])('does not wait beyond its signal for a peer that %s', async (_how, behave) => {
    const { url } = await localServer((_request, response) => void behave(response));
    const started = performance.now();
    await expect(boundedFetch(url, within(100))).rejects.toThrow(/timeout|aborted/);
    expect(performance.now() - started).toBeLessThan(1500);
  });

  it('sends no request to a peer whose certificate is not trusted', async () => {
    const { certificateFile, keyFile } = await localCertificates(
      temporaryFolder(),
      ['localhost'],
      ['localhost'],
    );
    let requests = 0;
    const server = createServer(
      { cert: readFileSync(certificateFile), key: readFileSync(keyFile) },
      (_, response) => {
        requests += 1;
        response.end('{}');
      },
    );
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const refused = await boundedFetch(`https://localhost:${port}`, within(2000)).catch((error) => error);
    expect(refused.cause).toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    expect(requests).toBe(0);
  });

  it('rejects when the peer is not reachable', async () => {
    await expect(boundedFetch(await deadAddress(), within(2000))).rejects.toThrow();
  });
});
