/** What pages must not reveal: the password, the token, and session cookies that a script could read. */
import { COOKIES } from '../../packages/protocol/src/wire-constants.ts';
import { ada } from '../administration.ts';
import { sentBy } from '../app-page.ts';
import { expect, test } from '../test.ts';

test('the page never shows or stores the password or the complete token [T-SECRET-07]', async ({
  app,
  site,
}) => {
  await app.page.addInitScript(() => {
    const seen = new Set<string>();
    Object.assign(globalThis, { seen });
    new MutationObserver(() => seen.add(document.documentElement.outerHTML)).observe(document, {
      attributes: true,
      characterData: true,
      childList: true,
      subtree: true,
    });
  });
  const redeemed = app.page.waitForRequest((request) => sentBy(request)['token'] !== undefined);
  await app.open(site.foo.origin);
  await app.signIn(ada);
  const { token = '' } = sentBy(await redeemed);
  await app.showsSteps({ 1: 'done', 2: 'done', 5: 'done', 3: 'done', 4: 'done' });

  const seen = await app.page.evaluate(() =>
    [...(globalThis as unknown as { seen: Set<string> }).seen].join('\n'),
  );
  const text = seen.replaceAll('<wbr>', '').replaceAll('</span><span>', '').replaceAll('&quot;', '"');
  expect(text, 'the watcher works').toContain('"request":"login","username":"ada","password":"••••••••"');
  expect(text).not.toContain(ada.password);
  const [header = '', payload = '', signature = ''] = token.split('.');
  for (const part of [header, payload, signature]) expect(text).not.toContain(part);

  const kept = await app.page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
  // The value says only until when somebody is signed in here.
  expect(kept).toMatch(/^\[\{"samesite-sso:signed-in":"\d+"\},\{\},""\]$/);
});

test('session cookies are host-only and unreadable for scripts [T-SECRET-07]', { tag: '@scheme' }, async ({
  app,
  context,
  site,
}) => {
  const headers: string[] = [];
  const heard: Promise<void>[] = [];
  app.page.on('response', (response) => {
    const read = async () => {
      headers.push(...(await response.headerValues('Set-Cookie')));
    };
    heard.push(read());
  });
  await (await app.open(site.foo.origin)).signIn(ada);
  const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'Strict' };
  const cookies = await context.cookies();
  expect(cookies).toHaveLength(2);
  for (const [name, { origin }] of [
    [COOKIES.sso, site.sso],
    [COOKIES.app, site.foo],
  ] as const) {
    expect(name).toMatch(/^__Host-/);
    // A domain without a leading dot is a host: there is no `Domain` attribute.
    expect(cookies).toContainEqual(
      expect.objectContaining({ ...attributes, name, domain: new URL(origin).hostname }),
    );
  }

  await Promise.all(heard);
  expect(headers).toHaveLength(2);
  for (const header of headers) {
    expect(header).toMatch(
      /^__Host-(sso|app)=[\w-]{43,}; Max-Age=\d+; Path=\/; HttpOnly; Secure; Priority=High; SameSite=Strict$/,
    );
  }
});
