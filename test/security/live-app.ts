/**
 * An app with live data, as its author would write it: WebSockets and server-sent events that require a session, and a
 * WebSocket without that requirement, which reads `request.sso`. Its siblings on the site serve an empty page.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import websocket from '@fastify/websocket';
import { relyingApp } from '@samesite-sso/relying-app';
import { createWebServer } from '@samesite-sso/server';
import type { FastifyRequest } from 'fastify';
import { freePorts } from '../../scripts/site/ports.ts';
import type { AtEnd } from '../support/at-end.ts';
import { listen } from '../support/listen.ts';
import { type Site, site } from '../support/site.ts';

export interface LiveSite {
  at: Site;
  app: LiveApp;
  /** Siblings that aren't registered apps. The app lists the first in `webSocketOrigins`. */
  listed: string;
  unlisted: string;
  /** A sibling that is a registered app, too. */
  otherApp: string;
}

export interface LiveApp {
  origin: string;
  database: string;
  /** The messages and streams that the app accepted, with the person's name. */
  readonly done: readonly string[];
  /** Every request for live data, accepted or not. */
  readonly arrived: readonly { url: string; origin: string | undefined; cookie: string | undefined }[];
}

export async function liveSite(folder: string, atEnd: AtEnd): Promise<LiveSite> {
  const ports = await freePorts();
  const origin = `http://live.app.example.localhost:${ports.foo}`;
  const server = `http://127.0.0.1:${ports.foo}`;
  const [listed, unlisted, otherApp] = ['partner', 'evil', 'shop'].map(
    (name) => `http://${name}.example.localhost:${ports.lorem}`,
  ) as [string, string, string];
  const registered = [origin, otherApp].map((each) => ({ origin: each, name: each, server }));
  const at = await site({}, registered, atEnd);
  const siblings = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<p>');
  });
  atEnd((await listen(siblings, ports.lorem)).close);
  const database = join(folder, 'live.db');
  const app = await serveApp({ at, origin, port: ports.foo, database, listed }, atEnd);
  return { at, app, listed, unlisted, otherApp };
}

/** The part of a `ws` socket that the app uses; its types are a separate package. */
interface Socket {
  send(text: string): void;
  on(event: 'message', listener: (text: Buffer) => void): void;
}

async function serveApp(
  settings: { at: Site; origin: string; port: number; database: string; listed: string },
  atEnd: AtEnd,
): Promise<LiveApp> {
  const { at, origin, port, database, listed } = settings;
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  await app.register(relyingApp, {
    origin,
    ssoOrigin: at.sso.origin,
    ssoServerUrl: `http://127.0.0.1:${at.sso.port}`,
    database,
    webSocketOrigins: [listed],
    clock: () => at.clock.now,
  });
  await app.register(websocket);
  const live = { origin, database, done: [] as string[], arrived: [] as LiveApp['arrived'][number][] };
  app.addHook('onRequest', async ({ url, headers }) => {
    if (url !== '/') live.arrived.push({ url, origin: headers.origin, cookie: headers.cookie });
  });
  const talk = (socket: Socket, { appSession }: FastifyRequest) => {
    const name = appSession?.account.username ?? 'nobody';
    socket.send(`hello ${name}`);
    socket.on('message', (text) => {
      if (appSession !== null) live.done.push(`${name} wrote ${text}`);
      socket.send('noted');
    });
  };
  app.get('/', async (_request, reply) => reply.type('text/html').send('<p>'));
  app.get('/guarded', { websocket: true, onRequest: app.sso.requireSession }, talk);
  app.get('/open', { websocket: true }, talk);
  app.get('/events', { onRequest: app.sso.requireSession }, async ({ appSession }, reply) => {
    live.done.push(`events for ${appSession?.account.username}`);
    return reply.type('text/event-stream').send(`data: hello ${appSession?.account.username}\n\n`);
  });
  await app.listen({ host: '127.0.0.1', port });
  atEnd(async () => void (await app.close()));
  return live;
}
