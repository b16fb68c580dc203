import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createWebServer } from '../web-server.ts';

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

async function serve() {
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  onTestFinished(() => app.close());
  const seen = { asked: [] as string[], concurrent: 0, maxConcurrent: 0 };
  const held = Promise.withResolvers<void>();
  app.get('/:name', async (request) => {
    const { name } = request.params as { name: string };
    seen.asked.push(name);
    seen.concurrent += 1;
    seen.maxConcurrent = Math.max(seen.maxConcurrent, seen.concurrent);
    if (name === 'held') await held.promise;
    else await nextTurn();
    seen.concurrent -= 1;
    return { name };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const client = async () => {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  return { app, seen, client, letGo: held.resolve };
}

test('pipelined requests are handled one at a time and answered in order', async () => {
  const { seen, client } = await serve();
  const socket = await client();
  const names = Array.from({ length: 100 }, (_, index) => `n${index}`);
  let text = '';
  socket.on('data', (more) => {
    text += more;
  });
  socket.write(names.map((name) => ask(`/${name}`)).join(''));
  while (!text.includes('"n99"')) await once(socket, 'data');
  expect([...text.matchAll(/"name":"(n\d+)"/g)].map(([, name]) => name)).toEqual(names);
  expect(seen.maxConcurrent).toBe(1);
});

test('a client that pipelines more than 100 requests is disconnected', async () => {
  const { seen, client } = await serve();
  const greedy = await client();
  greedy.on('error', () => {}); // It may be disconnected while it writes.
  const closed = new Promise((resolve) => greedy.once('close', resolve));
  greedy.write(ask('/held') + ask('/more').repeat(100));
  await closed;
  expect(seen.asked).toEqual(['held']);
});

test('clients that together pipeline more than 1,024 requests are disconnected [T-FLOOD-06]', async () => {
  const { seen, client } = await serve();
  const closed = Array.from({ length: 12 }, async () => {
    const greedy = await client();
    greedy.on('error', () => {});
    const end = new Promise((resolve) => greedy.once('close', resolve));
    greedy.write(ask('/held') + ask('/more').repeat(99));
    await end;
  });
  await Promise.race(closed);
  expect(new Set(seen.asked)).toEqual(new Set(['held']));
  const other = await client();
  other.write(ask('/other'));
  expect(String(await once(other, 'data'))).toContain('"other"');
});

test.each([
  ['without Host', 'GET /more HTTP/1.1\r\n\r\n'],
  ['of HTTP/1.0', 'GET /more HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'],
  ['of HTTP/1.0 with an invalid URL', 'GET /% HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'],
])('a client that pipelines 1,200 requests %s is disconnected [T-FLOOD-06]', async (_what, request) => {
  const { seen, client } = await serve();
  const greedy = await client();
  greedy.on('error', () => {});
  const closed = new Promise((resolve) => greedy.once('close', resolve));
  greedy.write(ask('/held') + request.repeat(1200));
  await closed;
  expect(seen.asked).toEqual(['held']);
});

test.each([
  ['a request without Host', 'GET /one HTTP/1.1\r\n\r\n', '400', []],
  ['a request of HTTP/1.0', 'GET /one HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', '200', ['one']],
])('the connection ends after %s', async (_what, request, status, asked) => {
  const { seen, client } = await serve();
  const socket = await client();
  let text = '';
  socket.on('data', (more) => {
    text += more;
  });
  socket.write(request + ask('/behind'));
  await once(socket, 'close');
  expect(text.match(/(?<=HTTP\/1\.1 )\d+/g)).toEqual([status]);
  expect(seen.asked).toEqual(asked);
});

test('a slow request on one connection does not delay another connection', async () => {
  const { client, letGo } = await serve();
  const [slow, quick] = [await client(), await client()];
  slow.write(ask('/held'));
  quick.write(ask('/quick'));
  expect(String(await once(quick, 'data'))).toContain('"quick"');
  letGo();
  expect(String(await once(slow, 'data'))).toContain('"held"');
});

test('pipelined requests of a client that has disconnected are not handled [T-FLOOD-06]', async () => {
  const { app, seen, client, letGo } = await serve();
  const gone = await client();
  const left = new Promise<void>((resolve) => {
    app.server.once('request', ({ socket }) => {
      socket.once('close', () => resolve());
      gone.destroy();
    });
  });
  gone.write(ask('/held') + ask('/logout'));
  await left;
  letGo();
  const other = await client();
  other.write(ask('/after'));
  await once(other, 'data');
  expect(seen.asked).toEqual(['held', 'after']);
});

test('a request that follows a response with Connection: close is not handled', async () => {
  const { seen, client } = await serve();
  const socket = await client();
  const last = ask('/last').replace('Host: a', 'Host: a\r\nConnection: close');
  socket.resume().write(last + ask('/behind'));
  await once(socket, 'close');
  expect(seen.asked).toEqual(['last']);
});
