import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { acceptJsonOnly } from '@samesite-sso/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localCertificates } from '../../../../../scripts/site/certificates.ts';
import { temporaryFolder } from '../../../../../test/support/temporary-folder.fixture.ts';
import { readTls } from '../tls.ts';
import { createWebServer } from '../web-server.ts';

const MEGABYTE = 1_000_000;

describe.each(['http', 'https'])('over %s', (scheme) => {
  async function serve() {
    const isHttps = scheme === 'https';
    const { certificateFile, keyFile } = await localCertificates(temporaryFolder(), 'localhost', [
      'localhost',
    ]);
    const certificate = isHttps ? readTls(certificateFile, keyFile, () => 'https://localhost') : null;
    const app = createWebServer({ logLevel: 'silent', tls: certificate });
    onTestFinished(() => app.close());
    acceptJsonOnly(app);
    const asked: string[] = [];
    app.addHook('onRequest', async ({ url }) => void asked.push(url));
    const answered = new Promise<void>((resolve) => app.addHook('onResponse', async () => resolve()));
    app.post('/', async () => ({}));
    app.get('/*', async () => ({}));
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const open = async () => {
      const line = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      const socket = isHttps ? tls.connect({ socket: line, rejectUnauthorized: false }) : line;
      onTestFinished(() => void socket.destroy());
      await once(socket, isHttps ? 'secureConnect' : 'connect');
      return socket;
    };
    return { open, asked, answered };
  }

  it('whoever sends megabytes at once, and only then reads, gets the answer that says what was wrong', async () => {
    const { open } = await serve();
    for (const head of [
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${3 * MEGABYTE}\r\n\r\n`,
      'GET / HTTP/1.1\r\nHost: a\r\nX: ',
    ]) {
      const socket = await open();
      socket.write(head);
      // Resolves only if all of it is taken.
      await new Promise<void>((resolve, reject) => {
        socket.write('x'.repeat(3 * MEGABYTE), (error) => (error ? reject(error) : resolve()));
      });
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 .*"code":"too-large"/s);
    }
  });

  it('whoever is still sending when the answer comes, and only then reads, gets it', async () => {
    const { open, answered } = await serve();
    const socket = await open();
    socket.write(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${2 * MEGABYTE}\r\n\r\n`,
    );
    await answered;
    for (const part of ['x', 'x'.repeat(MEGABYTE)]) {
      await new Promise<void>((resolve, reject) => {
        socket.write(part, (error) => (error ? reject(error) : resolve()));
      });
    }
    expect(await text(socket)).toContain('"code":"too-large"');
  });

  it('whoever goes on without end is cut off', async () => {
    const { open } = await serve();
    const socket = await open();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    socket.write(
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n',
    );
    const pour = () => {
      while (!socket.destroyed && socket.write('x'.repeat(65_536)));
    };
    socket.on('drain', pour);
    pour();
    await closed;
    expect(socket.bytesWritten).toBeLessThan(64 * MEGABYTE);
  });

  it('whoever says nothing more and does not leave is left after a moment', async () => {
    const { open } = await serve();
    const socket = await open();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const started = performance.now();
    socket.resume();
    await once(socket, 'end');
    expect(socket.writable).toBe(true); // It could go on.
    const reset = once(socket, 'error');
    const going = setInterval(() => socket.write('x'), 50);
    onTestFinished(() => clearInterval(going));
    await reset;
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('a request behind the last one is not heard', async () => {
    const { open, asked } = await serve();
    const socket = await open();
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n`;
    socket.write(`${get('/last')}Connection: close\r\n\r\n`);
    await once(socket, 'data');
    socket.write(`${get('/behind')}\r\n`);
    socket.resume().end();
    await once(socket, 'close');
    expect(asked).toEqual(['/last']);
  });
});
