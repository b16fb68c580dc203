/** Apps and routes that are for groups: who may use them, and what everybody else sees. */
import { ada, addSomebody, administrate, type Person } from '../administration.ts';
import type { AppPage } from '../app-page.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { withEntry } from '../changed-registry.ts';
import { expect, test } from '../test.ts';

/** The contract's limit. */
const WITHIN_5_S = { timeout: 5000 };

const titleOn = ({ page }: AppPage) => page.getByRole('heading', { name: 'You don’t have access to Lorem' });
const reportsOn = ({ page }: AppPage) => page.getByRole('button', { name: 'Show the reports' });
const focusedOn = ({ page }: AppPage) => page.locator(':focus');

async function showsNoAccess(tab: AppPage, { username, displayName }: Person): Promise<void> {
  await expect(titleOn(tab)).toBeVisible();
  await expect(tab.alert).toContainText(`You are signed in as ${displayName}`);
  await expect(tab.page.getByText(username, { exact: true })).toBeVisible();
  await expect(tab.form).toHaveCount(0);
}

test('a person outside the app’s group is told so, and can be somebody else [T-GROUP-04]', async ({
  app,
  openTab,
  site,
}) => {
  const person = await addSomebody(site);
  administrate(site, ['group', 'add', 'staff', 'ada']);
  await withEntry(site, site.lorem.origin, { groups: ['staff'] }, async () => {
    await (await app.open(site.foo.origin)).signIn(person);
    const lorem = await openTab();
    await lorem.open(site.lorem.origin);
    await showsNoAccess(lorem, person);
    await lorem.showsSteps({ 1: 'done', 2: 'done', 3: 'refused' });
    expect(await lorem.sessionStatus()).toBe('signed out');
    await expectNoAxeViolations(lorem.page);
    await lorem.page.getByRole('button', { name: 'Sign in as somebody else' }).click();
    await expect(lorem.form).toContainText(`signs ${person.displayName} out of every app`);
    await lorem.signIn(ada);
  });
});

test('a person who types a password is told so on the same page, with the keyboard alone', async ({
  app,
  site,
}) => {
  const person = await addSomebody(site);
  await withEntry(site, site.lorem.origin, { groups: ['staff'] }, async () => {
    await app.open(site.lorem.origin);
    await app.showsForm();
    await app.username.focus();
    await app.page.keyboard.type(person.username);
    await app.page.keyboard.press('Tab');
    await app.page.keyboard.type(person.password);
    await app.page.keyboard.press('Enter');
    await showsNoAccess(app, person);
    await expect(titleOn(app)).toBeFocused();
    await app.signOut();
  });
});

test('a person who leaves the group loses that app alone, and can get it back [T-GROUP-01]', async ({
  app,
  openTab,
  site,
}) => {
  const person = await addSomebody(site);
  administrate(site, ['group', 'add', 'members', person.username]);
  await withEntry(site, site.lorem.origin, { groups: ['members'] }, async () => {
    await (await app.open(site.foo.origin)).signIn(person);
    const lorem = await openTab();
    await (await lorem.open(site.lorem.origin)).showsSignedIn(person);
    administrate(site, ['group', 'remove', 'members', person.username]);
    await expect.poll(() => lorem.sessionStatus(), WITHIN_5_S).toBe('signed out');
    expect(await app.sessionStatus()).toBe('signed in');
    await lorem.page.reload();
    await showsNoAccess(lorem, person);
    administrate(site, ['group', 'add', 'members', person.username]);
    await lorem.tryAgainButton.click();
    await lorem.showsSignedIn(person);
  });
});

test('a route of the app that needs a group is for its members only', async ({ app, openTab, site }) => {
  const person = await addSomebody(site);
  await (await app.open(site.foo.origin)).signIn(person);
  await reportsOn(app).click();
  await expect(app.alert).toHaveText('Reports are for the group “staff”, and your account isn’t in it.');
  await expect(focusedOn(app)).toContainText('Reports are for the group “staff”');
  administrate(site, ['group', 'add', 'staff', person.username]);
  const later = await openTab();
  await later.page.goto(site.foo.origin);
  await later.signOut();
  await later.signIn(person);
  await reportsOn(later).click();
  await expect(later.page.getByText('Notes on the Analytical Engine')).toBeVisible();
  await expect(focusedOn(later)).toContainText('GET /api/reports');
});
