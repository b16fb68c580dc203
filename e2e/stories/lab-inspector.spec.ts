/** The inspector shows the messages between page, apps and SSO service at once, and no secret in them. */
import { paths } from '../../apps/lab/exchange/paths.ts';
import { COOKIES } from '../../packages/protocol/src/wire-constants.ts';
import { ada } from '../administration.ts';
import { sentBy } from '../app-page.ts';
import { LabPage } from '../lab-page.ts';
import { labTargets } from '../lab-runs.ts';
import { expect, test } from '../test.ts';

test('the inspector shows every request of a sign-in at foo in order', async ({
  app,
  context,
  lab,
  site,
}) => {
  // Servers that have just started don't know each other's keys yet.
  for (const server of [site.sso, site.foo]) {
    await server.stop();
    await server.start();
  }
  const inspector = await new LabPage(await context.newPage()).openInspector(lab.origin);
  await (await app.open(site.foo.origin)).signIn(ada);
  await expect(inspector.arrowsOf('introspection')).toHaveAttribute('data-status', '200');
  // Steps 1 and 2 run at the same time.
  const inTheirOrder = async (wanted: string[]) =>
    (await inspector.arrows()).filter((arrow) => wanted.includes(arrow));
  const atFoo = ['page → foo: document', 'page → foo: app session', 'page → foo: start app session'];
  await expect.poll(() => inTheirOrder(atFoo)).toEqual(atFoo);
  const signIn = [
    'page → sso: preflight',
    'page → sso: login status',
    'page → sso: login',
    'page → sso: authentication token',
    'page → foo: start app session',
    'foo → sso: key set',
    'foo → sso: introspection',
    'sso → foo: key set',
  ];
  await expect.poll(() => inTheirOrder(signIn)).toEqual(signIn);
});

test('the inspector shows which requests to the SSO service used a remembered preflight', async ({
  app,
  context,
  lab,
  openTab,
  site,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const inspector = await new LabPage(await context.newPage()).openInspector(lab.origin);
  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.showsSignedIn(ada);
  // Browsers remember a preflight per page origin, so lorem's first request needs its own.
  await expect(inspector.arrowsOf('preflight')).toHaveCount(1);
  await expect(inspector.arrowsOf('login status')).toHaveAttribute('data-preflight', 'sent');
  await expect(inspector.arrowsOf('authentication token')).toHaveAttribute('data-preflight', 'cached');

  await inspector.clear();
  await lorem.page.evaluate(() => fetch('/session', { method: 'DELETE' }));
  await lorem.page.reload();
  await lorem.showsSignedIn(ada);
  await expect(inspector.arrowsOf('start app session')).toHaveAttribute('data-status', '201');
  await expect(inspector.arrowsOf('preflight')).toHaveCount(0);
  await expect(inspector.arrowsOf('login status')).toHaveAttribute('data-preflight', 'cached');
});

test('the inspector shows that a sign-out sends a logout token to each app', async ({
  app,
  context,
  lab,
  openLoremAfterFoo,
}) => {
  await (await openLoremAfterFoo(ada)).showsSignedIn(ada);
  const inspector = await new LabPage(await context.newPage()).openInspector(lab.origin);
  await app.page.bringToFront();
  await app.signOut();
  const tokens = inspector.arrowsOf('logout token');
  await expect(tokens).toHaveCount(2);
  for (const each of await tokens.all()) await expect(each).toHaveAttribute('data-status', '200');
  const shown = (await inspector.arrows()).filter((arrow) => arrow.endsWith('logout token'));
  expect(shown.sort()).toEqual(['sso → foo: logout token', 'sso → lorem: logout token']);
});

test('neither the inspector’s page nor its stream contains a secret [T-LAB-01]', async ({
  app,
  context,
  lab,
  site,
}) => {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const seen = new Set<string>();
    const received: string[] = [];
    Object.assign(globalThis, { seen, received });
    new MutationObserver(() => seen.add(document.documentElement.outerHTML)).observe(document, {
      attributes: true,
      characterData: true,
      childList: true,
      subtree: true,
    });
    new EventSource('/exchanges').onmessage = ({ data }) => received.push(data);
  });
  const textOf = (name: 'seen' | 'received') =>
    page.evaluate(
      (name) => [...((globalThis as unknown as Record<string, Iterable<string>>)[name] ?? [])].join('\n'),
      name,
    );
  const inspector = await new LabPage(page).openInspector(lab.origin);
  const redeemed = app.page.waitForRequest((request) => sentBy(request)['token'] !== undefined);
  await (await app.open(site.foo.origin)).signIn(ada);
  const { token = '' } = sentBy(await redeemed);
  await expect(inspector.arrowsOf('introspection')).toHaveAttribute('data-status', '200');
  for (const purpose of ['login', 'authentication token', 'start app session', 'introspection']) {
    await inspector.arrowsOf(purpose).getByRole('button').click();
  }
  expect(await textOf('seen'), 'the opened message is on the page').toContain('client_assertion');

  const cookies = await context.cookies();
  const secrets = [ada.password, token.split('.')[2] ?? token];
  for (const name of [COOKIES.sso, COOKIES.app]) {
    const { value = '' } = cookies.find((cookie) => cookie.name === name) ?? {};
    expect(value).toMatch(/^[\w-]{43,}$/);
    // Six characters tell cookies apart. They also show that the message is in the stream.
    await expect.poll(() => textOf('received')).toContain(`${name}=${value.slice(0, 6)}`);
    secrets.push(value.slice(0, 10));
  }
  const texts = [await textOf('seen'), await textOf('received')];
  for (const secret of secrets) for (const text of texts) expect(text).not.toContain(secret);
});

test('while the lab is down, people sign in, and the inspector reconnects afterwards [T-LAB-07]', async ({
  app,
  context,
  lab,
  site,
}) => {
  const inspector = await new LabPage(await context.newPage()).openInspector(lab.origin);
  await (await app.open(site.foo.origin)).showsForm();
  await expect(inspector.arrowsOf('login status')).toHaveCount(1);
  await lab.stop();
  await inspector.showsStatus(/reconnect/i);
  await app.signIn(ada);
  await lab.start();
  await inspector.showsStatus(/^Connected/);
  await expect(inspector.arrowsOf('login status'), 'what it showed before').toHaveCount(1);
  await app.signOut();
  await expect(inspector.arrowsOf('logout')).toHaveAttribute('data-status', '200');
});

test('a page of another origin can’t read the inspector’s stream [T-LAB-02]', async ({
  app: tab,
  foreignOrigin,
  lab,
}) => {
  const read = (url: string) =>
    tab.page.evaluate(async (url) => {
      try {
        return (await fetch(url)).status;
      } catch {
        return 'nothing';
      }
    }, url);
  for (const host of ['sameSite', 'otherSite'] as const) {
    await tab.open((await foreignOrigin('http', host)).origin);
    expect(await read(labTargets(lab)['same-site'] + paths.public), 'the page can send requests').toBe(200);
    expect(await read(lab.origin + paths.exchanges)).toBe('nothing');
  }
});
