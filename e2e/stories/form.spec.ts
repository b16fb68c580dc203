/** Conveniences of the sign-in form: one submission is one sign-in, and a password can be shown. */
import { ada } from '../administration.ts';
import { sentBy } from '../app-page.ts';
import { expect, test } from '../test.ts';

test('a form that is submitted twice in a row signs in once', async ({ app, site }) => {
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

test('the password field accepts no more characters than the SSO service', async ({ app, site }) => {
  await (await app.open(site.foo.origin)).showsForm();
  await app.password.focus();
  await app.page.keyboard.insertText('x'.repeat(5000));
  await expect(app.password).toHaveValue('x'.repeat(4096));
});

test('a password is hidden until the person shows it, and hidden again on submission', async ({
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
