import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { HttpProblem, jsonBody } from '@samesite-sso/core';
import { createWebServer } from '@samesite-sso/server';
import { expect, it, onTestFinished } from 'vitest';
import type { PendingExchange, Report } from './observation.ts';
import { observeReceived } from './received-requests.ts';

const JSON_TYPE = 'Content-Type: application/json\r\n';

async function serve(report: Report | null) {
  const stop = report && observeReceived({ reporter: 'sso', origins: new Set(), report });
  const server = await createWebServer({ logLevel: 'silent', tls: null });
  stop?.();
  onTestFinished(() => server.close());
  server.addHook('onRequest', async ({ headers }) => {
    if (headers.origin === 'http://foreign.example') throw new HttpProblem('origin-not-allowed');
  });
  // Hooks that run later than the reporter's.
  server.addHook('onSend', async (_request, reply) => void reply.header('Vary', 'Origin'));
  await server.register(async (scope) => {
    await scope.register(jsonBody);
    scope.post('/', async (_request, reply) => {
      reply.header('Set-Cookie', ['__Host-sso=1', '__Host-app=2']);
      return { status: 'signed out' };
    });
  });
  server.get('/account/overview', async () => ({ status: 'signed out' }));
  server.get('/document', async (_request, reply) => reply.type('text/html').send(Readable.from(['<p>'])));
  server.get('/nothing', async (_request, reply) => reply.code(204).send());
  server.get('/broken', async () => {
    throw new Error('hush');
  });
  server.get('/never', async () => await new Promise(() => {}));
  server.get('/hijacked', (_request, reply) => {
    reply.hijack().raw.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"signed in"}');
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as AddressInfo;
  /** Sends bytes as they are. */
  const open = async (bytes: string) => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write(bytes);
    return socket;
  };
  const send = async (bytes: string) => await text(await open(bytes));
  return { open, send };
}

/** A server, and what its reporter reports. */
async function observed() {
  const reports: PendingExchange[] = [];
  const { open, send } = await serve((exchange) => reports.push(exchange));
  /** Returns the complete reports, once there are this many. */
  const completed = async (count = 1) => {
    const complete = () => reports.filter(({ durationMs }) => durationMs !== null);
    await expect.poll(() => complete().length).toBe(count);
    return complete();
  };
  return { open, send, reports, completed };
}

function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: sso\r\nConnection: close\r\n${headers}\r\n`;
}

function post(body: string, headers = JSON_TYPE): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `POST / HTTP/1.1\r\nHost: sso\r\nConnection: close\r\n${headers}${length}\r\n${body}`;
}

const REQUESTS = {
  'with JSON': post('{"request":"login","password":"hush"}'),
  'with malformed JSON': post('{"request"'),
  'with a form': post('a=b', 'Content-Type: application/x-www-form-urlencoded\r\n'),
  'with too long a body': post(`{"a":"${'a'.repeat(5000)}"}`),
  'from a foreign origin': post('{}', `${JSON_TYPE}Origin: http://foreign.example\r\n`),
  'for a document': get('/document'),
  'for a document’s headers': get('/document').replace('GET', 'HEAD'),
  'without content in the response': get('/nothing'),
  'that fails': get('/broken'),
  'for an unknown path': get('/hush?hush'),
  'with an unknown method': get('/document').replace('GET', 'DELETE'),
  'whose response a route writes itself': get('/hijacked'),
  'without a Host': get('/').replace('Host: sso\r\n', ''),
  'that is HTTP/1.0': get('/nothing').replace('1.1', '1.0'),
  'with an invalid URL': get('/%'),
  'that is not HTTP': 'hush\r\n\r\n',
  'with an invalid chunk': post('hush\r\n').replace(/Content-Length: .*/, 'Transfer-Encoding: chunked'),
};

const withoutDate = (response: string) => response.replace(/^date: .*$/im, 'date');

it.each(Object.entries(REQUESTS))(
  'a request %s gets the same response as without a reporter',
  async (_what, bytes) => {
    const [bare, reporting] = [await serve(null), await observed()];
    const failing = await serve(() => {
      throw new Error('the reporter is broken');
    });
    const expected = withoutDate(await bare.send(bytes));
    expect(expected).toMatch(/^HTTP\/1\.1 [2-5]/);
    expect(withoutDate(await reporting.send(bytes))).toBe(expected);
    expect(withoutDate(await failing.send(bytes))).toBe(expected);
  },
);

it('a request is reported when it is seen, and again with its response', async () => {
  const { send, reports, completed } = await observed();
  await send(post('{"request":"login","password":"hush"}', `${JSON_TYPE}Sec-Fetch-Site: same-site\r\n`));
  const [exchange] = await completed();
  expect(reports).toHaveLength(2);
  const [seen] = reports;
  expect(seen).toMatchObject({ id: exchange?.id, durationMs: null, response: null, error: null });
  expect(exchange).toMatchObject({
    reporter: 'sso',
    direction: 'received',
    client: 'browser',
    clientPort: expect.any(Number),
    method: 'POST',
    path: '/',
    host: 'sso',
    purpose: 'login',
    request: { ...seen?.request, body: '{"request":"login","password":"(hidden)"}' },
    response: { status: 200, body: '{"status":"signed out"}' },
    error: null,
  });
  expect(exchange?.request.fields).toEqual([
    { name: 'Host', value: 'sso' },
    { name: 'Connection', value: 'close' },
    { name: 'Content-Type', value: 'application/json' },
    { name: 'Sec-Fetch-Site', value: 'same-site' },
    { name: 'Content-Length', value: '(hidden)' },
  ]);
});

it('response headers are reported as they were sent, even those that a later hook set', async () => {
  const { send, completed } = await observed();
  await send(post('{}'));
  const [exchange] = await completed();
  const fields = exchange?.response?.fields.map(({ name, value }) => `${name}: ${value}`);
  expect(fields).toEqual([
    'set-cookie: __Host-sso=(hidden)',
    'set-cookie: __Host-app=(hidden)',
    'content-type: application/json; charset=utf-8',
    'vary: Origin',
    'content-length: 23',
  ]);
});

it('a slow request is reported before its response', async () => {
  const { open, reports } = await observed();
  await open(get('/never'));
  await expect.poll(() => reports).toHaveLength(1);
  expect(reports[0]).toMatchObject({ path: '/never', durationMs: null, response: null });
});

it('a client that leaves before its response is reported', async () => {
  const { open, reports, completed } = await observed();
  const socket = await open(get('/never'));
  await expect.poll(() => reports).toHaveLength(1);
  socket.destroy();
  expect(await completed()).toMatchObject([
    { response: null, error: 'the connection closed before the response was complete' },
  ]);
});

it.each([
  ['from a foreign origin', 'from a foreign origin', '/', 403, '(hidden)'],
  ['with malformed JSON', 'with malformed JSON', '/', 400, '(hidden)'],
  ['for an unknown path', 'for an unknown path', '/(hidden)?(hidden)', 404, null],
  ['whose response a route writes', 'whose response a route writes itself', '/hijacked', 200, null],
] as const)('a request %s is reported with its status', async (_what, key, path, status, body) => {
  const { send, completed } = await observed();
  await send(REQUESTS[key]);
  expect(await completed()).toMatchObject([{ path, request: { body }, response: { status }, error: null }]);
});

it('a document’s body is hidden, and a response to HEAD has none', async () => {
  const { send, completed } = await observed();
  await send(get('/document'));
  await send(REQUESTS['for a document’s headers']);
  expect(await completed(2)).toMatchObject([
    { method: 'GET', response: { body: '(hidden)' } },
    { method: 'HEAD', response: { body: null } },
  ]);
});

it('health checks, assets and the inspector’s own requests are left out', async () => {
  const { send, completed, reports } = await observed();
  for (const path of ['/livez', '/readyz', '/assets/main.js', '/account/assets/main.js', '/favicon.svg']) {
    await send(get(path));
  }
  await send(get('/account/overview', 'User-Agent: samesite-sso-lab\r\n'));
  await send(get('/account/overview'));
  expect(await completed()).toMatchObject([{ purpose: 'account page' }]);
  expect(reports).toHaveLength(2);
});

it('each request on a connection is reported, with the client’s port and an id of its own', async () => {
  const { send, completed } = await observed();
  const keepAlive = get('/nothing').replace('close', 'keep-alive');
  await send(keepAlive + keepAlive + get('/nothing'));
  const exchanges = await completed(3);
  expect(new Set(exchanges.map(({ id }) => id)).size).toBe(3);
  expect(new Set(exchanges.map(({ clientPort }) => clientPort)).size).toBe(1);
});
