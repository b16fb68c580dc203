/**
 * An app whose pages have no referrers (`Referrer-Policy: no-referrer`, as Helmet sets it), so that browsers
 * state `Origin: null` for its own forms. Beside it a sibling of the site, whose pages have none either.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Database } from '@samesite-sso/core';
import { relyingApp } from '@samesite-sso/relying-app';
import Fastify from 'fastify';
import { AppSessions } from '../../packages/relying-app/src/app-sessions.ts';
import { MIGRATIONS } from '../../packages/relying-app/src/schema.ts';
import { freePorts } from '../../scripts/site/free-ports.ts';

/** What a page of either browser can do. */
interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
}

/** A write that reached the app: what the browser stated, and what came of it. */
export interface Written {
  url: string;
  origin: string | undefined;
  site: string | string[] | undefined;
  hasCookie: boolean;
  status: number;
}

export interface FormApp {
  origin: string;
  sibling: string;
  written: readonly Written[];
  /** Opens the app's page in a browser in which ada is signed in there. */
  open(page: Page): Promise<void>;
}

export async function formApp(folder: string, atEnd: (end: () => Promise<void>) => void): Promise<FormApp> {
  const ports = await freePorts();
  const origin = `http://forms.app.example.localhost:${ports.foo}`;
  const sibling = `http://evil.example.localhost:${ports.lorem}`;
  const database = join(folder, 'forms.db');
  const app = Fastify();
  await app.register(relyingApp, {
    origin,
    ssoOrigin: `http://sso.example.localhost:${ports.sso}`,
    database,
  });

  const written: Written[] = [];
  app.addHook('onSend', async (_request, reply) => void reply.header('Referrer-Policy', 'no-referrer'));
  app.addHook('onResponse', async ({ method, url, headers }, { statusCode: status }) => {
    const { origin, cookie = '', 'sec-fetch-site': site } = headers;
    if (method === 'POST') {
      written.push({ url, origin, site, hasCookie: cookie.includes('__Host-app='), status });
    }
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, async () => ({}));
  app.get('/', async (_request, reply) => reply.type('text/html').send('<p>'));
  app.post(
    '/note',
    async (request) => `noted for ${(await app.sso.requireSession(request)).account.username}`,
  );
  app.get('/enter', async (_request, reply) => {
    const secret = await startSession(database, origin);
    return reply
      .header('Set-Cookie', `__Host-app=${secret}; Path=/; Secure; HttpOnly; SameSite=Strict`)
      .send('');
  });
  await app.listen({ host: '127.0.0.1', port: ports.foo });
  atEnd(async () => void (await app.close()));

  const server = createServer((request, response) => {
    response.setHeader('Referrer-Policy', 'no-referrer');
    if (request.method === 'POST') response.writeHead(307, { location: `${origin}/note` }).end();
    else response.setHeader('content-type', 'text/html').end('<p>');
  });
  await new Promise<void>((resolve) => server.listen(ports.lorem, '127.0.0.1', resolve));
  atEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const open = async (page: Page) => {
    await page.goto(`${origin}/enter`);
    await page.goto(origin);
  };
  return { origin, sibling, written, open };
}

async function startSession(file: string, name: string): Promise<string> {
  const database = new Database(file, MIGRATIONS);
  const account = { id: 'a1', username: 'ada', displayName: 'Ada Lovelace' };
  const ssoEndsAt = Date.now() + 3_600_000;
  const { sessionToken } = await new AppSessions(database, Date.now, 1800).start(
    { account, sid: name.slice(0, 64), ssoEndsAt },
    null,
  );
  database.close();
  return sessionToken;
}

const submit = (action: string) => `{
  const form = Object.assign(document.createElement('form'), { method: 'post', action: '${action}' });
  document.body.append(form);
  setTimeout(() => form.submit());
}`;

/** Each way to send a form without referrers, and what the browser says of it and the app makes of it. */
export const FORMS: [
  how: string,
  send: (app: FormApp, page: Page) => Promise<unknown>,
  expected: Partial<Written>,
][] = [
  [
    'a form of the app’s own page is accepted',
    (_app, page) => page.evaluate(submit('/note')),
    { url: '/note', origin: 'null', site: 'same-origin', hasCookie: true, status: 200 },
  ],
  [
    'a form of a sibling’s page is refused',
    async ({ origin, sibling }, page) => {
      await page.goto(sibling);
      await page.evaluate(submit(`${origin}/note`));
    },
    { url: '/note', origin: 'null', site: 'same-site', hasCookie: true, status: 403 },
  ],
  [
    'a form of the app’s own page that a sibling redirects is refused',
    ({ sibling }, page) => page.evaluate(submit(`${sibling}/back`)),
    // Chromium says `same-site`, Firefox `none`.
    { url: '/note', origin: 'null', status: 403 },
  ],
  [
    'a form of a sandboxed frame in the app’s own page is refused',
    ({ origin }, page) =>
      page.evaluate(`document.body.append(Object.assign(document.createElement('iframe'), {
        sandbox: 'allow-forms allow-scripts',
        srcdoc: '<form method="post" action="${origin}/note"></form><script>document.forms[0].submit()</script>',
      }))`),
    { url: '/note', origin: 'null', site: 'cross-site', status: 403 },
  ],
  [
    'a form of the app’s own page starts no session',
    (_app, page) => page.evaluate(submit('/session')),
    { url: '/session', origin: 'null', site: 'same-origin', status: 403 },
  ],
];
