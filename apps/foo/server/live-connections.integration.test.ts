/**
 * Long-lived connections: `requireSession` checks them only at their start, so foo closes them when
 * `onSessionEnded` reports the session. Here, this process or another one receives the logout token.
 */
import type { AddressInfo } from 'node:net';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { fakeSso } from '../../../packages/relying-app/src/fake-sso.fixture.ts';
import {
  newDatabase,
  ORIGIN,
  SSO_ORIGIN,
  seedSession,
} from '../../../packages/relying-app/src/seeded-session.fixture.ts';
import { buildApp, type PageServer } from './app.ts';
import { servePage } from './page.ts';

/** `onSessionEnded` calls a listener within 5 s. */
const WITHIN_5_S = { timeout: 5000 };

/** Instead of the page: a WebSocket and an event stream as an app's author would write them. */
const serveLive: PageServer = Object.assign(
  async (app: FastifyInstance) => {
    const connections = new Map<string, Set<() => void>>();
    app.sso.onSessionEnded((sid) => {
      for (const close of connections.get(sid) ?? []) close();
    });
    /** @returns a function that forgets the connection */
    const remember = (sid: string, close: () => void) => {
      const ofSession = connections.get(sid) ?? new Set();
      connections.set(sid, ofSession.add(close));
      return () => {
        ofSession.delete(close);
        if (ofSession.size === 0) connections.delete(sid);
      };
    };
    await app.register(websocket);

    app.get('/socket', { websocket: true, onRequest: app.sso.requireSession }, (socket, { appSession }) => {
      const forget = remember(appSession?.sid ?? '', () => socket.close(4001, 'The session has ended.'));
      socket.on('close', forget);
      socket.send(`hello ${appSession?.account.username}`);
    });

    app.get('/events', async (request, reply) => {
      const { sid, account } = await app.sso.requireSession(request);
      reply.hijack();
      const forget = remember(sid, () => reply.raw.end('event: end\ndata: the session has ended\n\n'));
      reply.raw.once('close', forget);
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      reply.raw.write(`data: hello ${account.username}\n\n`);
    });
    app.get('/open', async () => [...connections.keys()]);
  },
  { content: servePage.content },
);

async function startFoo(database: string, ssoServerUrl: string): Promise<FastifyInstance> {
  const app = await buildApp(
    {
      origin: ORIGIN,
      name: 'Foo',
      listen: { host: '127.0.0.1', port: 0 },
      database,
      sealingKeyFile: null,
      ssoOrigin: SSO_ORIGIN,
      ssoServerUrl,
      tls: null,
      sessionSeconds: 1800,
      logLevel: 'silent',
      otherApp: null,
      link: null,
      signIn: 'automatic',
    },
    serveLive,
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  return app;
}

/** Two processes of foo, where ada has two SSO sessions, and a function that logs out the first. */
async function startTwoProcesses() {
  const sso = await fakeSso(Date.now);
  const database = newDatabase();
  const [cookie, bystander] = [await seedSession(database), await seedSession(database, { sid: 's2' })];
  const foo = await startFoo(database, sso.url);
  const other = await startFoo(database, sso.url);
  const logOut = async (at: FastifyInstance) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const payload = `logout_token=${await sso.logoutToken({ sid: 's1' })}`;
    const answer = await at.inject({ method: 'POST', url: '/backchannel-logout', headers, payload });
    expect(answer.statusCode).toBe(200);
  };
  const listOpen = async () => (await foo.inject('/open')).json();
  return { foo, other, cookie, bystander, logOut, listOpen };
}

const portOf = (app: FastifyInstance) => (app.server.address() as AddressInfo).port;

/** @returns all messages of a WebSocket, and finally its close code */
async function openSocket(app: FastifyInstance, cookie: string, origin = ORIGIN) {
  const socket = new WebSocket(`ws://127.0.0.1:${portOf(app)}/socket`, { headers: { cookie, origin } });
  onTestFinished(() => socket.close());
  const received: string[] = [];
  socket.addEventListener('message', ({ data }) => received.push(String(data)));
  socket.addEventListener('close', ({ code }) => received.push(`closed ${code}`));
  await expect.poll(() => received, WITHIN_5_S).toHaveLength(1);
  return received;
}

/** @returns all chunks of a stream of server-sent events, and finally how it ended */
async function openEvents(app: FastifyInstance, headers: Record<string, string>) {
  const response = await fetch(`http://127.0.0.1:${portOf(app)}/events`, { headers });
  if (response.status !== 200) return [`refused ${response.status}`];
  const received: string[] = [];
  const read = async () => {
    for await (const chunk of response.body ?? []) received.push(Buffer.from(chunk).toString());
    received.push('closed');
  };
  void read().catch(() => received.push('broken'));
  await expect.poll(() => received, WITHIN_5_S).toHaveLength(1);
  return received;
}

test.each(['foo', 'other'] as const)(
  'within 5 s of a logout token that %s received, foo closes only that session’s WebSocket [T-SESSION-03]',
  async (receiver) => {
    const { cookie, bystander, logOut, listOpen, ...site } = await startTwoProcesses();
    const [received, others] = [await openSocket(site.foo, cookie), await openSocket(site.foo, bystander)];
    expect([received, others]).toEqual([['hello ada'], ['hello ada']]);
    await logOut(site[receiver]);
    await expect.poll(() => received, WITHIN_5_S).toEqual(['hello ada', 'closed 4001']);
    expect(others).toEqual(['hello ada']);
    await expect.poll(listOpen).toEqual(['s2']);
  },
);

test.each(['foo', 'other'] as const)(
  'within 5 s of a logout token that %s received, foo ends only that session’s event stream [T-SESSION-03]',
  async (receiver) => {
    const { cookie, bystander, logOut, listOpen, ...site } = await startTwoProcesses();
    const received = await openEvents(site.foo, { cookie });
    const others = await openEvents(site.foo, { cookie: bystander });
    expect([received, others]).toEqual([['data: hello ada\n\n'], ['data: hello ada\n\n']]);
    await logOut(site[receiver]);
    await expect.poll(() => received.at(-1), WITHIN_5_S).toBe('closed');
    expect(received.join('')).toContain('the session has ended');
    expect(others).toHaveLength(1);
    await expect.poll(listOpen).toEqual(['s2']);
  },
);

test('foo refuses WebSockets and event streams to a sibling, and to all after the sign-out', async () => {
  const { foo, cookie, logOut, listOpen } = await startTwoProcesses();
  const sibling = 'http://lorem.app.example.localhost:4002';
  expect(await openSocket(foo, cookie, sibling)).toEqual(['closed 1006']);
  expect(await openEvents(foo, { cookie, origin: sibling })).toEqual(['refused 403']);
  await logOut(foo);
  expect(await openSocket(foo, cookie)).toEqual(['closed 1006']);
  expect(await openEvents(foo, { cookie })).toEqual(['refused 401']);
  expect(await listOpen()).toEqual([]);
});
