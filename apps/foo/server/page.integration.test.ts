/** The built document: what a browser loads before the entry script has run. */
import { basename } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { newDatabase, ORIGIN, SSO_ORIGIN } from '../../../packages/relying-app/src/seeded-session.fixture.ts';
import { buildPagesIfOutdated } from '../../../scripts/build/page-build.ts';
import { buildApp } from './app.ts';
import { servePage } from './page.ts';

beforeAll(() => buildPagesIfOutdated(['foo']));

async function openFoo() {
  const app = await buildApp(
    {
      origin: ORIGIN,
      name: 'Foo',
      listen: { host: '127.0.0.1', port: 0 },
      database: newDatabase(),
      sealingKeyFile: null,
      ssoOrigin: SSO_ORIGIN,
      ssoServerUrl: SSO_ORIGIN,
      tls: null,
      sessionSeconds: 1800,
      logLevel: 'silent',
      otherApp: null,
      link: null,
      signIn: 'automatic',
    },
    servePage,
  );
  onTestFinished(() => app.close());
  const { body } = await app.inject('/');
  const tags = body.match(/<(link|script)\b[^>]*>/g) ?? [];
  /** The URLs of the tags with this attribute, in order. */
  const urls = (attribute: string) =>
    tags.filter((tag) => tag.includes(attribute)).map((tag) => /(?:href|src)="([^"]*)"/.exec(tag)?.[1] ?? '');
  return { app, body, tags, urls };
}

test('the document connects to the SSO service twice, with and without credentials', async () => {
  const { body, tags, urls } = await openFoo();
  expect(urls('rel="preconnect"')).toEqual([SSO_ORIGIN, SSO_ORIGIN]);
  const connecting = tags.filter((tag) => tag.includes('preconnect'));
  expect(connecting.map((tag) => tag.includes('crossorigin'))).toEqual([false, true]);
  expect(body).not.toMatch(/%[A-Z_]+%/);
});

test('the document preloads the script that its entry imports, and that script’s styles', async () => {
  const { app, urls } = await openFoo();
  const [entry = ''] = urls('type="module"');
  const [script = '', ...others] = urls('rel="modulepreload"');
  expect(others).toEqual([]);
  expect((await app.inject(entry)).body).toContain(basename(script));
  const preloads = [script, ...urls('rel="preload" as="style"')];
  expect(preloads.map((url) => url.replace(/^.*\./, ''))).toEqual(['js', 'css']);
  for (const url of preloads) expect((await app.inject(url)).statusCode).toBe(200);
});

test('the document lets no script in it make passkeys [T-PASSKEY-13]', async () => {
  const { app } = await openFoo();
  const { headers } = await app.inject('/');
  expect(headers['permissions-policy']).toBe('publickey-credentials-create=()');
});
