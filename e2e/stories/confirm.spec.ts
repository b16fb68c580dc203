/** Lorem in mode `confirm`: people are signed in only after they confirm. */
import type { BrowserContext } from '@playwright/test';
import { COOKIES } from '../../packages/protocol/src/wire-constants.ts';
import { ada, addSomebody, grace } from '../administration.ts';
import { AppPage } from '../app-page.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { watchRequests } from '../request-log.ts';
import { expect, test } from '../test.ts';

test.use({ environment: { lorem: { APP_SIGN_IN: 'confirm' } } });
test.describe.configure({ mode: 'default' }); // Serial, so that one such site is enough.

test('a person who is signed in at foo is asked at lorem and signed in after they confirm', async ({
  app,
  context,
  openTab,
  site,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const atSso = await watchRequests(site, 'sso');
  const atLorem = await watchRequests(site, 'lorem');
  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.asksWhetherToContinue(ada);
  await expect(lorem.page.getByText('ada', { exact: true })).toBeVisible();
  await lorem.showsSteps({ 1: 'done', 2: 'done', 5: 'skipped', 3: 'your turn', 4: 'not yet' });
  await expect(lorem.page.locator('[data-step="3"]')).toContainText('Waiting for you');
  await expect.poll(atSso).toEqual(['OPTIONS / 204', 'POST / 200']);
  expect((await atLorem()).filter((line) => line.includes(' /session '))).toEqual(['GET /session 200']);
  expect(await appSession(context, site.lorem.origin)).toBeUndefined();

  await lorem.continueButton(ada).click();
  await lorem.showsSignedIn(ada);
  await lorem.showsSteps({ 1: 'done', 2: 'done', 5: 'skipped', 3: 'done', 4: 'done' });
  await expect
    .poll(async () => (await atSso()).slice(2))
    .toEqual(['POST / 200', 'POST / 200', 'POST /introspect 200']);
  expect(await appSession(context, site.lorem.origin)).toBeDefined();
  await lorem.page.reload();
  await lorem.showsSignedIn(ada);

  // As if it had expired.
  await lorem.page.evaluate(async () => (await fetch('/session', { method: 'DELETE' })).status);
  await lorem.page.reload();
  await lorem.asksWhetherToContinue(ada);
});

test('if another person has signed in meanwhile, they are asked and no session starts', async ({
  app,
  context,
  openLoremAfterFoo,
  site,
}) => {
  const lorem = await openLoremAfterFoo(ada);
  await lorem.asksWhetherToContinue(ada);
  await app.signOutButton.click();
  await app.signIn(grace);

  const atLorem = await watchRequests(site, 'lorem');
  await lorem.continueButton(ada).click();
  await lorem.asksWhetherToContinue(grace);
  await expect(lorem.alert).toHaveText('Another person has signed in on this browser in the meantime.');
  expect((await atLorem()).filter((line) => line.includes(' /session '))).toEqual([]);
  expect(await appSession(context, site.lorem.origin)).toBeUndefined();
  await lorem.continueButton(grace).click();
  await lorem.showsSignedIn(grace);
});

test('if the SSO session has ended meanwhile, lorem shows the form', async ({ app, openLoremAfterFoo }) => {
  const lorem = await openLoremAfterFoo(ada);
  await lorem.asksWhetherToContinue(ada);
  await app.signOut();
  await lorem.continueButton(ada).click();
  await lorem.showsForm();
  await expect(lorem.form).toContainText('Your SSO session has ended');
});

test('a person who chooses another account gets the form with a way back, and isn’t asked again', async ({
  openLoremAfterFoo,
}) => {
  const lorem = await openLoremAfterFoo(ada);
  await lorem.useAnotherButton.click();
  await expect(lorem.form).toContainText(
    'Signing in with another account signs Ada Lovelace out of every app.',
  );
  await lorem.page.getByRole('button', { name: 'Back to Ada Lovelace' }).click();
  await lorem.asksWhetherToContinue(ada);

  await lorem.useAnotherButton.click();
  await lorem.signIn(grace);
  await lorem.showsSteps({ 1: 'done', 2: 'done', 5: 'done', 3: 'done', 4: 'done' });
});

test('the form for another account keeps its content while another tab is visible', async ({
  realTabs,
  site,
}) => {
  const foo = new AppPage(await realTabs.newPage());
  await (await foo.open(site.foo.origin)).signIn(ada);
  const lorem = new AppPage(await realTabs.newPage());
  await lorem.open(site.lorem.origin);
  await lorem.useAnotherButton.click();
  await lorem.fill(grace);
  await foo.page.bringToFront();
  await foo.signOut();
  await lorem.page.bringToFront();
  await expect(lorem.form).toContainText('Your SSO session has ended');
  await expect(lorem.username).toHaveValue(grace.username);
  await expect(lorem.password).toHaveValue(grace.password);
  await expect(lorem.page.getByRole('button', { name: 'Back to' })).toHaveCount(0);
});

test('a tab of lorem asks again when another person has signed in elsewhere', async ({ signInAtBoth }) => {
  const { lorem, foo } = await signInAtBoth(ada);
  await foo.signOutButton.click();
  await foo.signIn(grace);
  await lorem.page.bringToFront();
  await lorem.asksWhetherToContinue(grace);
  expect(await lorem.page.evaluate(async () => (await fetch('/api/me')).status)).toBe(401);
});

test('a person confirms, or switches between card and form, with the keyboard alone', async ({
  openLoremAfterFoo,
}) => {
  const lorem = await openLoremAfterFoo(ada);
  await lorem.asksWhetherToContinue(ada);
  const { keyboard } = lorem.page;
  await keyboard.press('Tab');
  await expect(lorem.continueButton(ada)).toBeFocused();
  await expect(lorem.continueButton(ada)).toHaveAccessibleDescription(/ada .*already/);
  await keyboard.press('Tab');
  await expect(lorem.useAnotherButton).toBeFocused();
  await keyboard.press('Enter');
  await expect(lorem.username).toBeFocused();
  for (let presses = 0; presses < 4; presses += 1) await keyboard.press('Tab');
  await expect(lorem.passkeyButton).toBeFocused();
  await keyboard.press('Tab');
  await expect(lorem.page.getByRole('button', { name: 'Back to Ada Lovelace' })).toBeFocused();
  await keyboard.press('Enter');
  await expect(lorem.continueButton(ada)).toBeFocused();
  await keyboard.press('Enter');
  await lorem.showsSignedIn(ada);
  await expect(lorem.page.getByRole('heading', { name: ada.displayName })).toBeFocused();
});

test('axe finds no violation on the question, on the form, and when another person is asked', async ({
  app,
  openLoremAfterFoo,
}) => {
  const lorem = await openLoremAfterFoo(ada);
  await lorem.asksWhetherToContinue(ada);
  await expectNoAxeViolations(lorem.page);
  await lorem.useAnotherButton.click();
  await expectNoAxeViolations(lorem.page);
  await lorem.page.getByRole('button', { name: 'Back to' }).click();
  await app.signOutButton.click();
  await app.signIn(grace);
  await lorem.continueButton(ada).click();
  await lorem.asksWhetherToContinue(grace);
  await expectNoAxeViolations(lorem.page);
});

test('axe finds no violation on the question with the longest name', async ({ openLoremAfterFoo, site }) => {
  const somebody = await addSomebody(site, 'W'.repeat(128));
  const lorem = await openLoremAfterFoo(somebody);
  await lorem.asksWhetherToContinue(somebody);
  await expectNoAxeViolations(lorem.page);
  await lorem.useAnotherButton.click();
  await expectNoAxeViolations(lorem.page);
});

async function appSession(context: BrowserContext, origin: string): Promise<string | undefined> {
  const { hostname } = new URL(origin);
  const cookies = await context.cookies();
  return cookies.find(({ name, domain }) => name === COOKIES.app && domain === hostname)?.value;
}
