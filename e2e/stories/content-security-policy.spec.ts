/** The page's Content-Security-Policy: strict, and nothing on the page breaks it. Every other story listens, too. */
import { ada } from '../accounts.ts';
import { expect, test } from '../test.ts';

test('the page needs nothing that its policy forbids, and the policy forbids the rest', async ({
  app,
  scheme,
  site,
  stranger,
  violations,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.signOutButton.click();
  await app.showsForm();
  expect(violations).toEqual([]);

  const elsewhere = (await stranger(scheme, 'sameSite')).origin;
  await app.page.evaluate(async (url) => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.wasInjected = true';
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(script, style);
    await fetch(url).catch(() => {});
  }, elsewhere);
  await expect
    .poll(() => violations.toSorted())
    .toEqual([`connect-src ${elsewhere}/`, 'script-src-elem inline', 'style-src-elem inline']);
  expect(await app.page.evaluate(() => 'wasInjected' in globalThis)).toBe(false);
  violations.length = 0;
});

test('no page of another origin can frame an app', async ({ app, scheme, site, stranger }) => {
  await app.open((await stranger(scheme, 'sameSite')).origin);
  const refused = app.page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await app.page.evaluate((url) => {
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
  }, site.foo.origin);
  await refused;
});
