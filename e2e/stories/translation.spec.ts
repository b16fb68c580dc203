/** Pages whose text a translator or an extension replaces keep working, or say that they can't. */
import type { Page } from '@playwright/test';
import { AccountPage } from '../account-page.ts';
import { ada, addSomebody, grace } from '../administration.ts';
import { AppPage } from '../app-page.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { expect, test } from '../test.ts';

/**
 * Replaces each text node by an element, at once and after each change, as page translation does. The
 * translation is the text itself, so that stories can still read the page.
 */
async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const replaceEveryText = () => {
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts: Text[] = [];
      while (walk.nextNode()) texts.push(walk.currentNode as Text);
      for (const text of texts) {
        if (text.parentElement?.localName === 'font') continue;
        const translation = document.createElement('font');
        translation.textContent = text.data;
        text.replaceWith(translation);
      }
    };
    replaceEveryText();
    new MutationObserver(replaceEveryText).observe(document.body, {
      characterData: true,
      childList: true,
      subtree: true,
    });
  });
}

/** The texts that a translator may change: those without `translate="no"`. */
function translatableTexts(page: Page): Promise<string> {
  return page.evaluate(() => {
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    const texts: string[] = [];
    while (walk.nextNode()) {
      const { parentElement, nodeValue } = walk.currentNode;
      if (parentElement?.translate && parentElement.closest('script, style') === null)
        texts.push(nodeValue ?? '');
    }
    return texts.join('\n');
  });
}

const statusOfStep4 = (page: Page) => page.locator('[data-step="4"] .exchange-status');

test('a translated page survives a wrong password, sign-in, sign-out, and a new sign-in [T-PAGE-04]', async ({
  app,
  openTab,
  site,
}) => {
  await (await app.open(site.foo.origin)).showsForm();
  await translate(app.page);
  await app.send({ ...ada, password: 'wrong wrong wrong' });
  await expect(app.alert).toHaveText('The username or the password is wrong.');
  await app.page.getByRole('button', { name: 'Show' }).click();
  await expect(app.page.getByRole('button', { name: 'Hide' })).toBeVisible();
  await app.showsSteps({ 1: 'done', 2: 'done', 5: 'refused' });

  await app.signIn(ada);
  await app.showsSteps({ 1: 'done', 2: 'done', 5: 'done', 3: 'done', 4: 'done' });
  await expect(
    app.page.getByText('Signed in with your password: steps 1 and 2 at the same time, then 5, 3 and 4.'),
  ).toBeVisible();
  await app.showsProtectedResponse(ada);
  await expect(statusOfStep4(app.page)).toHaveText('201');
  const left = app.page.getByRole('timer');
  const shown = await left.textContent();
  await expect(left, 'the countdown runs').not.toHaveText(shown ?? '');

  const lorem = await (await openTab()).open(site.lorem.origin);
  await lorem.showsSignedIn(ada);
  await translate(lorem.page);
  await lorem.signOutButton.click();
  await expect(lorem.form).toContainText('You are signed out here');
  await expect(
    lorem.page.getByText('Nobody is signed in on this site. Step 5 is waiting for you.'),
  ).toBeVisible();
  await expect(statusOfStep4(lorem.page)).toHaveCount(0);

  await lorem.signIn(grace);
  await app.page.bringToFront();
  await simulateReturn(app.page);
  await app.showsSignedIn(grace);
  await app.showsProtectedResponse(grace);
});

test('a translated page counts down the wait after too many attempts', { tag: '@full' }, async ({
  app,
  site,
}) => {
  const somebody = await addSomebody(site);
  await (await app.open(site.foo.origin)).showsForm();
  await translate(app.page);
  for (let failures = 0; failures < 11; failures += 1) {
    await app.send({ ...somebody, password: `wrong ${failures}` });
    await expect(app.signInButton).not.toHaveAttribute('aria-disabled', 'true');
  }
  await expect(app.alert).toContainText('Too many failed attempts.');
  const shown = await app.timer.textContent();
  await expect(app.timer).not.toHaveText(shown ?? '');
});

test('a translated account page works, from sign-in to a password change and sign-out', async ({
  browser,
  page,
  site,
}) => {
  const somebody = await addSomebody(site);
  const newPassword = 'a moth that reads no English';
  const elsewhere = await browser.newContext();
  const foo = await new AppPage(await elsewhere.newPage()).open(site.foo.origin);
  await foo.signIn(somebody);

  const account = await new AccountPage(page).open(site.sso.origin);
  await account.showsForm();
  await translate(page);
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByRole('button', { name: 'Hide' })).toBeVisible();
  await account.fill({ ...somebody, password: 'wrong wrong wrong' });
  await account.signInButton.click();
  await expect(account.alert).toHaveText('The username or the password is wrong.');
  await account.signIn(somebody);
  await expect(account.otherSessions).toHaveCount(1);
  await account.changePassword('not the old one at all', newPassword);
  await expect(page.getByText('The old password is wrong.')).toBeVisible();
  await account.changePassword(somebody.password, newPassword);
  await expect(page.getByText('Your password has been changed. Your other session has ended.')).toBeVisible();
  await expect(page.getByText('The old password is wrong.')).toHaveCount(0);
  await expect(page.getByText('You aren’t signed in anywhere else.')).toBeVisible();

  await expect.poll(() => foo.sessionStatus()).toBe('signed out');
  await foo.page.reload();
  await foo.signIn({ ...somebody, password: newPassword });
  await simulateReturn(page);
  await expect(account.otherSessions).toHaveCount(1);
  await account.otherSessions.getByRole('button').click();
  await expect(account.otherSessions).toHaveCount(0);
  await account.signOutButton.click();
  await expect(account.form).toContainText('You are signed out here.');
  await elsewhere.close();
});

test('names, usernames, origins, and code are excluded from translation', async ({ app, openTab, site }) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  await app.showsProtectedResponse(ada);
  const account = new AccountPage((await openTab()).page);
  await (await account.open(site.sso.origin)).showsSignedIn(ada);
  for (const page of [app.page, account.page]) {
    const texts = await translatableTexts(page);
    expect(texts).toMatch(/Sign out/);
    expect(texts).not.toMatch(/Ada|\bada\b|Foo|Lorem|localhost|\/session|\/introspect|"request"/);
    expect(await page.evaluate(() => document.documentElement.translate)).toBe(true);
  }
});

// React fails to remove an element that is already gone, and then unmounts the page. In the second case, the
// unmounting fails, too.
for (const [what, tag, selector] of [
  ['its form', [], '.sign-in'],
  ['its whole content', '@full', '.sign-in, main'],
] as [string, string | [], string][]) {
  test(`a page that lost ${what} to an extension says it stopped, and a reload helps [T-PAGE-04]`, {
    tag,
  }, async ({ app, openTab, site }) => {
    await (await app.open(site.foo.origin)).showsForm();
    await app.page.locator(selector).evaluateAll((elements) => {
      for (const element of elements) element.remove();
    });
    await (await (await openTab()).open(site.foo.origin)).signIn(ada);
    await simulateReturn(app.page);
    await expect(app.alert).toContainText('This page stopped working.');
    await expectNoAxeViolations(app.page);
    await app.page.getByRole('button', { name: 'Reload' }).click();
    await app.showsSignedIn(ada);
  });
}

/** As when a person returns with the back button. */
async function simulateReturn(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const type of ['pagehide', 'pageshow'])
      dispatchEvent(new PageTransitionEvent(type, { persisted: true }));
  });
}
