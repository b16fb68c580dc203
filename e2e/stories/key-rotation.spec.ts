/** Keys rotate while people sign in, and nobody notices. */
import type { Request } from '@playwright/test';
import { ada, administrate, administrateApp } from '../administration.ts';
import { sentBy } from '../app-page.ts';
import { paused } from '../story-site.ts';
import { expect, test } from '../test.ts';

/** The id of the key that signed the token in the page's step 4. */
function keyOf(request: Request): string {
  const [header = ''] = (sentBy(request)['token'] ?? '').split('.');
  return JSON.parse(Buffer.from(header, 'base64url').toString()).kid;
}

const handsOverToken = (request: Request) => sentBy(request)['token'] !== undefined;

test('a token from before a key rotation is accepted after it, and the next has the new key', async ({
  app: foo,
  openTab,
  site,
}) => {
  const lorem = await (await openTab()).open(site.lorem.origin);
  await foo.open(site.foo.origin);
  await foo.showsForm();
  const handedOver = foo.page.waitForRequest(handsOverToken);
  // Foo's tab has its token and waits for foo's server while the key is rotated.
  const before = await paused(site.foo, async () => {
    await foo.send(ada);
    const request = await handedOver;
    administrate(site, ['key', 'rotate', '--now']);
    return keyOf(request);
  });
  await foo.showsSignedIn(ada);

  const nextHandedOver = lorem.page.waitForRequest(handsOverToken);
  await lorem.page.reload();
  await lorem.showsSignedIn(ada);
  expect(keyOf(await nextHandedOver)).not.toBe(before);
});

test('a scheduled rotation publishes the next key and keeps signing with the old one', {
  tag: '@full',
}, async ({ app, site }) => {
  const signing = () =>
    (JSON.parse(administrate(site, ['key', 'list', '--json'])) as { kid: string; state: string }[]).find(
      ({ state }) => state === 'signing',
    )?.kid;
  const before = signing();
  administrate(site, ['key', 'rotate']);
  expect(signing()).toBe(before);
  const handedOver = app.page.waitForRequest(handsOverToken);
  await (await app.open(site.foo.origin)).signIn(ada);
  expect(keyOf(await handedOver)).toBe(before);
});

test('an app authenticates with its new key after a rotation', { tag: '@full' }, async ({
  app: foo,
  openTab,
  site,
}) => {
  await (await foo.open(site.foo.origin)).signIn(ada);
  administrateApp(site, 'lorem', ['key', 'rotate', '--now']);
  await (await (await openTab()).open(site.lorem.origin)).showsSignedIn(ada);
});
