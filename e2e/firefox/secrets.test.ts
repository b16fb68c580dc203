/**
 * What Firefox stores: sessions in cookies that no script can read and no sibling can set, and nothing else.
 */
import { describe, expect } from 'vitest';
import { COOKIES } from '../../packages/protocol/src/wire-constants.ts';
import { siteName } from '../../scripts/site/site-settings.ts';
import { ada } from '../administration.ts';
import { schemes, storiesOver } from './test.ts';

const SESSION_COOKIE =
  /^__Host-(sso|app)=[\w-]{43,}; Max-Age=\d+; Path=\/; HttpOnly; Secure; Priority=High; SameSite=Strict$/;

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme);

  story('session cookies are host-only and unreadable for scripts', async ({ app, context, site }) => {
    const headers: string[] = [];
    app.page.on('response', (response) => {
      const header = response.headers()['set-cookie'];
      if (header) headers.push(header);
    });
    await (await app.open(site.foo.origin)).signIn(ada);
    const cookies = await context.cookies();
    expect(cookies).toHaveLength(2);
    const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'Strict', session: false };
    for (const [name, { origin }] of [
      [COOKIES.sso, site.sso],
      [COOKIES.app, site.foo],
    ] as const) {
      // A domain without a leading dot is a host: there is no `Domain` attribute.
      expect(cookies).toContainEqual(
        expect.objectContaining({ ...attributes, name, domain: new URL(origin).hostname }),
      );
    }
    expect(headers).toHaveLength(2);
    for (const header of headers) expect(header).toMatch(SESSION_COOKIE);
  });

  story('the page keeps neither the password nor the token nor a session', async ({ app, site }) => {
    await (await app.open(site.foo.origin)).signIn(ada);
    const kept = await app.page.evaluate(async () => [
      JSON.stringify([localStorage, sessionStorage, document.cookie]),
      await indexedDB.databases(),
      await caches.keys(),
    ]);
    // The value says only until when somebody is signed in here.
    const storage = expect.stringMatching(/^\[\{"samesite-sso:signed-in":"\d+"\},\{\},""\]$/);
    expect(kept).toEqual([storage, [], []]);
  });

  story(
    'a sibling can’t set a session cookie, for itself without Secure or for the whole site [T-SESSION-10]',
    async ({ context, openTab, site, foreignOrigin }) => {
      const sibling = await (await openTab()).open((await foreignOrigin(scheme, 'sameSite')).origin);
      await sibling.page.evaluate(
        (cookies) => {
          // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is stricter than a header.
          for (const cookie of cookies) document.cookie = cookie;
        },
        [
          ...Object.values(COOKIES).flatMap((name) => [
            `${name}=tossed; Path=/`,
            `${name}=tossed; Path=/session; Secure`,
            `${name}=tossed; Path=/; Secure; Domain=${siteName}`,
          ]),
          `sso=tossed; Path=/; Secure; Domain=${siteName}`,
        ],
      );
      const cookies = await context.cookies();
      expect(
        cookies.map(({ name, domain }) => `${name} ${domain}`),
        'the sibling can set a cookie without the prefix',
      ).toEqual([`sso .${siteName}`]);
      await (await (await openTab()).open(site.foo.origin)).signIn(ada);
    },
  );
});
