import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localCertificates } from '../../../../../scripts/site/certificates.ts';
import { temporaryFolder } from '../../../../../test/support/temporary-folder.fixture.ts';
import { readTls, type Tls } from '../../config/tls.ts';
import { createWebServer } from '../web-server.ts';

const ORIGIN = 'https://sso.example.localhost:4000';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
const CHUNK = '2\r\n{}\r\n0\r\n\r\n';

/** @param policy headers that a hook sets on every response */
async function serve(tls: Tls | null = null, policy: Record<string, string> = {}) {
  const app = await createWebServer({ logLevel: 'silent', tls });
  onTestFinished(() => app.close());
  app.addHook('onRequest', async (_request, reply) => void reply.headers(policy));
  const asked: unknown[] = [];
  app.post('/', async ({ body }) => asked.push(body));
  app.get('/slow', async () => await new Promise(() => {}));
  app.get('/', async () => ({}));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  /** What comes back until the server has closed the connection. */
  const send = async (...pieces: (string | Promise<unknown>)[]) => {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    onTestFinished(() => void socket.destroy());
    let response = '';
    socket.on('data', (text) => {
      response += text;
    });
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    for (const piece of pieces)
      if (typeof piece === 'string') socket.write(piece, 'latin1');
      else await piece;
    await closed;
    return response;
  };
  return { app, send, asked };
}

/** The statuses and codes of the responses in the received text. */
function responsesIn(text: string): string[] {
  const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
  const codes = [...text.matchAll(/"code":"([a-z-]+)"/g)].map(([, code]) => code);
  return statuses.map((status, index) => `${status} ${codes[index] ?? ''}`);
}

describe('a request that two parsers may read differently', () => {
  it.each([
    ['a length and chunks', `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNK}`],
    ['chunks and a length', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n${CHUNK}`],
    ['two lengths', `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['one length twice', `${POST}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
    ['a list of lengths', `${POST}Content-Length: 2, 2\r\n\r\n{}`],
    ['a signed length', `${POST}Content-Length: +2\r\n\r\n{}`],
    ['a length that overflows', `${POST}Content-Length: 99999999999999999999\r\n\r\n{}`],
    ['an unknown coding', `${POST}Transfer-Encoding: xchunked\r\n\r\n${CHUNK}`],
    ['an unknown coding before a known one', `${POST}Transfer-Encoding: x, chunked\r\n\r\n${CHUNK}`],
    ['an unknown coding after a known one', `${POST}Transfer-Encoding: chunked, x\r\n\r\n${CHUNK}`],
    ['a coding after a control character', `${POST}Transfer-Encoding: \vchunked\r\n\r\n${CHUNK}`],
    ['a coding twice', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNK}`],
    ['a chunk that ends in a bare line feed', `${POST}Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n`],
    ['a chunk size that is not a number', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}`],
    ['a space before the colon', `${POST}Content-Length : 2\r\n\r\n{}`],
    ['a folded header', `${POST}X: a\r\n b\r\n\r\n`],
    ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['one bare line feed', 'GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n'],
    ['a bare carriage return', 'GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n'],
    ['a NUL', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['no HTTP at all', 'hush\r\n\r\n'],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('is refused, and its connection is closed: %s [T-PATH-05]', async (_what, request) => {
    const { send, asked } = await serve();
    const hidden = `${POST}Content-Length: 2\r\n\r\n{}`;
    const text = await send(request + hidden);
    expect(responsesIn(text)).toEqual(['400 invalid-request']);
    expect(text.toLowerCase()).toContain('connection: close');
    expect(asked).toEqual([]);
  });
});

describe('the response to an invalid HTTP request', () => {
  it('is a short problem that repeats nothing of the request [T-FLOOD-08]', async () => {
    const { send } = await serve();
    const text = await send('GET /hush HTTP/1.1\r\nhush\r\n\r\n');
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head.split('\r\n')).toEqual([
      'HTTP/1.1 400 Bad Request',
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'cache-control: no-store',
      'connection: close',
    ]);
    expect(JSON.parse(body)).toMatchObject({ code: 'invalid-request', status: 400 });
    expect(text).not.toContain('hush');
  });

  it('carries the headers that the route’s hooks have set, if they have run', async () => {
    const { app, send } = await serve(null, {
      'x-policy': 'for foo',
      'cache-control': 'public',
      vary: 'Origin',
    });
    const text = await send(`${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}`);
    expect(responsesIn(text)).toEqual(['400 invalid-request']);
    const [head = ''] = text.split('\r\n\r\n');
    expect(head.split('\r\n')).toEqual(expect.arrayContaining(['x-policy: for foo', 'vary: Origin']));
    expect(head.match(/cache-control: .*/gi)).toEqual(['cache-control: no-store']);
    expect(app.server.listening).toBe(true);
  });

  it('is 413 for headers over 16 KiB and for large chunk extensions', async () => {
    const { send } = await serve();
    const filled = 'x'.repeat(20_000);
    expect(responsesIn(await send(`GET / HTTP/1.1\r\nHost: a\r\nX: ${filled}`))).toEqual(['413 too-large']);
    const chunked = `${POST}Transfer-Encoding: chunked\r\n\r\n1;${filled}\r\n`;
    expect(responsesIn(await send(chunked))).toEqual(['413 too-large']);
  });

  it('is not sent while an earlier request on the connection is still handled [T-FLOOD-06]', async () => {
    const { send, app } = await serve();
    const asked = new Promise<void>((resolve) => app.server.once('request', () => resolve()));
    expect(await send('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n', asked, 'hush\r\n\r\n')).toBe('');
  });

  it('is not sent for a body that continues after a 413 [T-FLOOD-07]', async () => {
    const { send, app } = await serve();
    const refused = new Promise<void>((resolve) => {
      app.server.once('request', (_request, response) => response.once('close', resolve));
    });
    const tooLarge = `${POST}Transfer-Encoding: chunked\r\n\r\n1400\r\n${'x'.repeat(5120)}\r\n`;
    const received = await send(tooLarge, refused, 'not a chunk size\r\n');
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413']);
  });

  it('is not sent on a connection without a request, which browsers may open in advance', async () => {
    const { send } = await serve();
    expect(await send()).toBe('');
  });

  it('is sent after 5 s without complete headers and after 10 s without a complete body', async () => {
    const { send, asked } = await serve();
    const started = performance.now();
    const after = async (text: Promise<string>) => [
      responsesIn(await text).join(),
      Math.floor((performance.now() - started) / 1000),
    ];
    const [headers, body] = await Promise.all([
      after(send('GET / HTTP/1.1\r\nHost: a\r\n')),
      after(send(`${POST}Content-Length: 2\r\n\r\n{`)),
    ]);
    expect(headers?.[0]).toBe('400 invalid-request');
    expect(headers?.[1]).toBeGreaterThanOrEqual(4);
    expect(headers?.[1]).toBeLessThan(9);
    expect(body?.[0]).toBe('400 invalid-request');
    expect(body?.[1]).toBeGreaterThanOrEqual(9);
    expect(asked).toEqual([]);
  });
});

describe('over https, a client that does not finish the handshake', () => {
  async function serveTls() {
    const { certificateFile, keyFile } = await localCertificates(
      temporaryFolder(),
      ['example.localhost'],
      ['sso.example.localhost'],
    );
    return await serve(readTls(certificateFile, keyFile, () => ORIGIN));
  }

  it('is disconnected within seconds, and so is one that speaks plain http [T-FLOOD-01]', async () => {
    const { send } = await serveTls();
    const [silent, plain] = await Promise.all([send(), send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')]);
    // TLS may send an alert, but there is no HTTP response.
    expect([responsesIn(silent), responsesIn(plain)]).toEqual([[], []]);
  });
});

it('a slow request that is complete within its time is answered', async () => {
  const { send, asked } = await serve();
  const request = `${POST}Connection: close\r\nContent-Length: 7\r\n\r\n{"a":1}`;
  const pieces = [...request.matchAll(/[\s\S]{1,16}/g)].flatMap(([piece]) => [piece, delay(5)]);
  expect(responsesIn(await send(...pieces))).toEqual(['200 ']);
  expect(asked).toEqual([{ a: 1 }]);
});
