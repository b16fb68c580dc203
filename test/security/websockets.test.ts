/**
 * A sibling's page opens a WebSocket at an app in a real browser (cross-site WebSocket hijacking). The
 * handshake is a GET with the victim's cookie, since siblings are same-site, and CORS doesn't apply to it.
 */

import { createServer } from 'node:http';
import { join } from 'node:path';
import websocket from '@fastify/websocket';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { relyingApp } from '@samesite-sso/relying-app';
import { createWebServer } from '@samesite-sso/server';
import type { FastifyRequest } from 'fastify';
import { beforeAll, expect, test } from 'vitest';
import { findBrowser } from '../../scripts/checks/browser.ts';
import { freePorts } from '../../scripts/site/ports.ts';
import { type AtEnd, afterAllTests } from '../support/at-end.ts';
import { ADA } from '../support/browser.ts';
import { databaseState } from '../support/database-state.ts';
import { listen } from '../support/listen.ts';
import { type Site, site } from '../support/site.ts';
import { temporaryFolder } from '../support/temporary-folder.fixture.ts';

interface LiveSite {
  at: Site;
  app: LiveApp;
  /** Siblings that aren't registered apps. The app lists the first in `webSocketOrigins`. */
  listed: string;
  unlisted: string;
  /** A sibling that is a registered app, too. */
  otherApp: string;
}

interface LiveApp {
  origin: string;
  database: string;
  /** The messages and streams that the app accepted, with the person's name. */
  readonly done: readonly string[];
  /** Every request for live data, accepted or not. */
  readonly arrived: readonly { url: string; origin: string | undefined; cookie: string | undefined }[];
}

async function liveSite(folder: string, atEnd: AtEnd): Promise<LiveSite> {
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
  app.get('/open', { websocket: true, onRequest: app.sso.findSession }, talk);
  app.get('/events', { onRequest: app.sso.requireSession }, async ({ appSession }, reply) => {
    live.done.push(`events for ${appSession?.account.username}`);
    return reply.type('text/event-stream').send(`data: hello ${appSession?.account.username}\n\n`);
  });
  await app.listen({ host: '127.0.0.1', port });
  atEnd(async () => void (await app.close()));
  return live;
}

const atEnd = afterAllTests();
let live: LiveSite;
/** The victim's browser, and its tab of the app, signed in. */
let victim: BrowserContext;
let own: Page;

beforeAll(async () => {
  live = await liveSite(temporaryFolder(atEnd), atEnd);
  const executablePath = findBrowser();
  const browser = await chromium.launch({ executablePath });
  atEnd(() => browser.close());
  victim = await browser.newContext();
  own = await openTab(live.app.origin);
  await signIn(own);
});

/** Steps 5, 3, and 4, from an app's page. */
async function signIn(page: Page): Promise<void> {
  const sso = live.at.sso.origin + SSO_PATHS.crossOrigin;
  const status = await page.evaluate(
    async ({ sso, session, login }) => {
      const post = (url: string, body: object) =>
        fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          credentials: 'include',
          body: JSON.stringify(body),
        });
      await post(sso, login);
      const { token } = (await (await post(sso, { request: 'authentication token' })).json()) as {
        token: string;
      };
      return (await post(session, { token })).status;
    },
    {
      sso,
      session: APP_PATHS.session,
      login: { request: 'login', username: ADA.username, password: ADA.password },
    },
  );
  expect(status).toBe(201);
}

/** Opens a WebSocket at the app and writes to it. @returns everything received until it closed */
async function talk(page: Page, path: string): Promise<string[]> {
  return await page.evaluate(
    (url) =>
      new Promise<string[]>((resolve) => {
        const heard: string[] = [];
        const socket = new WebSocket(url);
        socket.onopen = () => socket.send('delete it all');
        socket.onmessage = ({ data }) => {
          heard.push(String(data));
          if (data === 'noted') socket.close();
        };
        socket.onclose = () => resolve(heard);
      }),
    live.app.origin.replace('http', 'ws') + path,
  );
}

async function openTab(origin: string): Promise<Page> {
  const page = await victim.newPage();
  await page.goto(origin);
  return page;
}

const everything = async () => ({
  done: [...live.app.done],
  app: await databaseState({ app: live.app.database }),
  site: await live.at.state(),
});

/** Checks that the request reached the app with the victim's cookie. */
function expectArrived(url: string, origin: string): void {
  const cookie = expect.stringContaining('__Host-app=');
  expect(live.app.arrived.at(-1)).toEqual({ url, origin, cookie });
}

const SIBLINGS: [string, () => string][] = [
  ['an unlisted sibling', () => live.unlisted],
  ['another app of the site', () => live.otherApp],
];

test('the app’s page reads and writes through a WebSocket as the signed-in person [T-CSRF-06]', async () => {
  const before = live.app.done.length;
  expect(await talk(own, '/guarded')).toEqual(['hello ada', 'noted']);
  expect(await talk(own, '/open')).toEqual(['hello ada', 'noted']);
  expect(live.app.done.slice(before)).toEqual(Array(2).fill('ada wrote delete it all'));
});

test.each(SIBLINGS)(
  '%s can’t read or write through a WebSocket that requires a session [T-CSRF-06]',
  async (_who, of) => {
    const page = await openTab(of());
    const before = await everything();
    expect(await talk(page, '/guarded')).toEqual([]);
    expectArrived('/guarded', of());
    expect(await everything()).toEqual(before);
  },
);

test.each(SIBLINGS)(
  '%s is anonymous in a WebSocket that also serves people without a session [T-CSRF-06]',
  async (_who, of) => {
    const page = await openTab(of());
    const before = await everything();
    expect(await talk(page, '/open')).toEqual(['hello nobody', 'noted']);
    expectArrived('/open', of());
    expect(await everything()).toEqual(before);
  },
);

test('a sibling listed in webSocketOrigins reads and writes through a WebSocket [T-CSRF-08]', async () => {
  const page = await openTab(live.listed);
  const before = live.app.done.length;
  expect(await talk(page, '/guarded')).toEqual(['hello ada', 'noted']);
  expect(await talk(page, '/open')).toEqual(['hello ada', 'noted']);
  expect(live.app.done.slice(before)).toEqual(Array(2).fill('ada wrote delete it all'));
});

test.each<[string, () => string]>([
  ...SIBLINGS,
  ['a sibling that is listed for WebSockets', () => live.listed],
])('%s opens no stream of server-sent events [T-CSRF-07]', async (_who, of) => {
  const page = await openTab(of());
  const before = await everything();
  const outcome = await page.evaluate<string>(`new Promise((resolve) => {
      const events = new EventSource('${live.app.origin}/events', { withCredentials: true });
      events.onmessage = ({ data }) => resolve(data);
      events.onerror = () => resolve('refused');
    })`);
  expect(outcome).toBe('refused');
  expectArrived('/events', of());
  expect(await everything()).toEqual(before);
});

test.each([
  ['a no-cors fetch', `fetch(url, { mode: 'no-cors', credentials: 'include' })`],
  [
    'an image',
    `new Promise((resolve) => { new Image().onerror = resolve; })`.replace(
      'new Image()',
      `Object.assign(new Image(), { src: url })`,
    ),
  ],
  [
    'a script',
    `new Promise((resolve) => document.head.append(
      Object.assign(document.createElement('script'), { src: url, onerror: resolve }),
    ))`,
  ],
  [
    'a frame',
    `new Promise((resolve) => document.body.append(
      Object.assign(document.createElement('iframe'), { src: url, onload: resolve }),
    ))`,
  ],
])('an unlisted sibling has no effect by %s, which sends no Origin [T-CSRF-07]', async (_how, load) => {
  const page = await openTab(live.unlisted);
  const before = await everything();
  await page.evaluate(`(async (url) => { await ${load}; })('${live.app.origin}/events')`);
  expect(live.app.arrived.at(-1)).toMatchObject({ url: '/events', origin: undefined });
  expect(await everything()).toEqual(before);
});

test('a link from a sibling’s page is followed as the signed-in person', async () => {
  const page = await openTab(live.unlisted);
  const before = live.app.done.length;
  await page.evaluate(`void location.assign('${live.app.origin}/events')`);
  await expect.poll(() => live.app.done.slice(before)).toEqual(['events for ada']);
});

test('the app’s own page opens a stream of server-sent events', async () => {
  const before = live.app.done.length;
  const data = await own.evaluate<string>(`new Promise((resolve) => {
    const events = new EventSource('/events');
    events.onmessage = ({ data }) => resolve(data) ?? events.close();
  })`);
  expect(data).toBe('hello ada');
  expect(live.app.done.slice(before)).toEqual(['events for ada']);
});
