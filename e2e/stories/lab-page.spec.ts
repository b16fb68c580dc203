/** The lab for keyboards and assistive technology, and sharing its state by URL. */
import { ada } from '../administration.ts';
import { expectNoAxeViolations } from '../axe.ts';
import { LabPage } from '../lab-page.ts';
import { expect, test } from '../test.ts';

test('the inspector with an open message has no accessibility violations', async ({
  app,
  context,
  lab,
  site,
}) => {
  const inspector = await new LabPage(await context.newPage()).openInspector(lab.origin);
  await expectNoAxeViolations(inspector.page);
  await (await app.open(site.foo.origin)).signIn(ada);
  await inspector.arrowsOf('introspection').getByRole('button').click();
  await expect(inspector.page.getByText('client_assertion').first()).toBeVisible();
  await expectNoAxeViolations(inspector.page);
});

for (const path of ['/cors', '/cors?experiment=missing-vary', '/alternatives']) {
  test(`the lab’s page ${path} has no accessibility violations`, async ({ page, lab }) => {
    const labPage = await new LabPage(page).open(lab.origin, path);
    await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
    if (await labPage.runButton.isVisible()) await labPage.run();
    await expectNoAxeViolations(page);
  });
}

test('a visitor runs an experiment with the keyboard alone', async ({ page, lab }) => {
  const labPage = await new LabPage(page).open(lab.origin, '/cors');
  const link = page.getByRole('link', { name: 'No Access-Control-Allow-Origin' }).first();
  await link.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/experiment=no-header/);
  await labPage.runButton.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Blocked, yet executed').first()).toBeVisible();
  await expect(labPage.recorded('executed')).toContainText(/yes/i);
});

test('the address contains a changed policy, so another tab shows the same prediction', async ({
  page,
  lab,
  context,
}) => {
  const labPage = await new LabPage(page).open(lab.origin, '/cors?experiment=right-policy');
  await labPage.showsRules('allowed');
  await page.getByRole('checkbox', { name: 'Access-Control-Allow-Credentials' }).uncheck();
  await expect(page).toHaveURL(/steps=/);
  await labPage.showsRules('allow-credentials');
  const shared = new LabPage(await context.newPage());
  await shared.page.goto(page.url());
  await shared.showsRules('allow-credentials');
});
