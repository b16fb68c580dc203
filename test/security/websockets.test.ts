/**
 * A page of a sibling opens a WebSocket at an app, in a real browser (cross-site WebSocket hijacking). Its
 * handshake is a GET that carries the victim's cookie, since siblings are same-site, and no CORS policy keeps
 * the page from reading.
 */
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, expect, test } from 'vitest';
import { findBrowser } from '../../scripts/checks/browser.ts';
import { afterAllTests } from '../support/at-end.ts';
import { ADA } from '../support/browser.ts';
import { databaseState } from '../support/database-state.ts';
import { temporaryFolder } from '../support/temporary-folder.fixture.ts';
import { type LiveSite, liveSite } from './live-app.ts';

const atEnd = afterAllTests();
let live: LiveSite;
/** The victim's browser, and a tab of it in which they are signed in at the app. */
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

/** Steps 5, 3 and 4, as an app's page takes them. */
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

/** Opens a WebSocket at the app, writes to it, and returns all that came back until it closed. */
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

const everything = () => ({
  done: [...live.app.done],
  app: databaseState({ app: live.app.database }),
  site: live.at.state(),
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

test('the app’s own page reads and writes through a WebSocket as the person who is signed in', async () => {
  const before = live.app.done.length;
  expect(await talk(own, '/guarded')).toEqual(['hello ada', 'noted']);
  expect(await talk(own, '/open')).toEqual(['hello ada', 'noted']);
  expect(live.app.done.slice(before)).toEqual(Array(2).fill('ada wrote delete it all'));
});

test.each(SIBLINGS)(
  '%s reads and writes nothing through a WebSocket of a guarded route',
  async (_who, of) => {
    const page = await openTab(of());
    const before = everything();
    expect(await talk(page, '/guarded')).toEqual([]);
    expectArrived('/guarded', of());
    expect(everything()).toEqual(before);
  },
);

test.each(SIBLINGS)(
  '%s is nobody in a WebSocket that asks request.appSession who is there',
  async (_who, of) => {
    const page = await openTab(of());
    const before = everything();
    expect(await talk(page, '/open')).toEqual(['hello nobody', 'noted']);
    expectArrived('/open', of());
    expect(everything()).toEqual(before);
  },
);

test('a sibling that the app lists in webSocketOrigins reads and writes through a WebSocket', async () => {
  const page = await openTab(live.listed);
  const before = live.app.done.length;
  expect(await talk(page, '/guarded')).toEqual(['hello ada', 'noted']);
  expect(await talk(page, '/open')).toEqual(['hello ada', 'noted']);
  expect(live.app.done.slice(before)).toEqual(Array(2).fill('ada wrote delete it all'));
});

test.each<[string, () => string]>([
  ...SIBLINGS,
  ['a sibling that is listed for WebSockets', () => live.listed],
])('%s opens no stream of server-sent events', async (_who, of) => {
  const page = await openTab(of());
  const before = everything();
  const outcome = await page.evaluate<string>(`new Promise((resolve) => {
      const events = new EventSource('${live.app.origin}/events', { withCredentials: true });
      events.onmessage = ({ data }) => resolve(data);
      events.onerror = () => resolve('refused');
    })`);
  expect(outcome).toBe('refused');
  expectArrived('/events', of());
  expect(everything()).toEqual(before);
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
])('an unlisted sibling makes nothing happen by %s, which states no Origin', async (_how, load) => {
  const page = await openTab(live.unlisted);
  const before = everything();
  await page.evaluate(`(async (url) => { await ${load}; })('${live.app.origin}/events')`);
  expect(live.app.arrived.at(-1)).toMatchObject({ url: '/events', origin: undefined });
  expect(everything()).toEqual(before);
});

test('a link from a sibling’s page is followed as the person who is signed in', async () => {
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
