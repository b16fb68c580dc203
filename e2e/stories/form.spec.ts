/** The sign-in form's small courtesies: one submit is one login, and a password can be looked at. */
import { ada } from '../administration.ts';
import { sentBy } from '../app-page.ts';
import { expect, test } from '../test.ts';

test('a form that is sent twice in a row logs in once', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  const logins: string[] = [];
  app.page.on('request', (request) => {
    if (sentBy(request)['request'] === 'login') logins.push(request.url());
  });
  await app.fill(ada);
  await app.signInButton.dblclick();
  await app.showsSignedIn(ada);
  expect(logins).toHaveLength(1);
});

test('no more of a password is taken than the SSO service reads', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  await app.password.focus();
  await app.page.keyboard.insertText('x'.repeat(5000));
  await expect(app.password).toHaveValue('x'.repeat(4096));
});

test('a password is hidden until the person wants to see it, and again when it is sent', async ({
  app,
  site,
}) => {
  await (await app.open(site.foo.origin)).showsForm();
  await expect(app.password).toHaveAttribute('type', 'password');
  await app.fill({ ...ada, password: 'wrong' });
  await app.page.getByRole('button', { name: 'Show' }).click();
  await expect(app.password).toHaveAttribute('type', 'text');
  await expect(app.password).toHaveValue('wrong');
  await app.signInButton.click();
  await expect(app.alert).toContainText('wrong');
  await expect(app.password).toHaveAttribute('type', 'password');
});
