/**
 * An app with `Referrer-Policy: no-referrer`, as Helmet sets it: browsers send `Origin: null` with its own
 * forms. A sibling on the site has the same policy.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { relyingApp } from '@samesite-sso/relying-app';
import Fastify from 'fastify';
import { seedSession } from '../../packages/relying-app/src/seeded-session.fixture.ts';
import { freePorts } from '../../scripts/site/ports.ts';
import type { AtEnd } from '../support/at-end.ts';
import { listen } from '../support/listen.ts';

/** The methods that pages of Playwright and Puppeteer share. */
interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
}

/** A write that reached the app: the headers that the browser sent, and the response's status. */
export interface Written {
  url: string;
  origin: string | undefined;
  site: string | string[] | undefined;
  hasCookie: boolean;
  status: number;
}

export type FormApp = Awaited<ReturnType<typeof formApp>>;

export async function formApp(folder: string, atEnd: AtEnd) {
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
    const cookie = await seedSession(database, { sid: randomUUID() });
    return reply.header('Set-Cookie', `${cookie}; Path=/; Secure; HttpOnly; SameSite=Strict`).send('');
  });
  await app.listen({ host: '127.0.0.1', port: ports.foo });
  atEnd(async () => void (await app.close()));

  const siblingServer = createServer((request, response) => {
    response.setHeader('Referrer-Policy', 'no-referrer');
    if (request.method === 'POST') response.writeHead(307, { location: `${origin}/note` }).end();
    else response.setHeader('content-type', 'text/html').end('<p>');
  });
  atEnd((await listen(siblingServer, ports.lorem)).close);

  /** Signs ada in at the app and opens its page. */
  const open = async (page: Page) => {
    await page.goto(`${origin}/enter`);
    await page.goto(origin);
  };
  return { origin, sibling, written, open };
}

const submit = (action: string) => `{
  const form = Object.assign(document.createElement('form'), { method: 'post', action: '${action}' });
  document.body.append(form);
  setTimeout(() => form.submit());
}`;

/** Each way to send a form under that policy, the browser's headers, and the response's status. */
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
    // Chromium sends `Sec-Fetch-Site: same-site`, Firefox `none`.
    { url: '/note', origin: 'null', status: 403 },
  ],
  [
    'a form of a sandboxed frame in the app’s own page is refused',
    ({ origin }, page) =>
      page.evaluate(`document.body.append(Object.assign(document.createElement('iframe'), {
        sandbox: 'allow-forms allow-scripts',
        srcdoc: '<form method="post" action="${origin}/note"></form>' +
          '<script>document.forms[0].submit()</script>',
      }))`),
    { url: '/note', origin: 'null', site: 'cross-site', status: 403 },
  ],
  [
    'a form of the app’s own page starts no session',
    (_app, page) => page.evaluate(submit('/session')),
    { url: '/session', origin: 'null', site: 'same-origin', status: 403 },
  ],
];
