/** The page works with the keyboard alone, and the focus is where a person expects it. */
import { ada } from '../administration.ts';
import { expect, test } from '../test.ts';

test('a person signs in and out with the keyboard alone', async ({ app, site }) => {
  const { keyboard } = app.page;
  await app.open(site.foo.origin);
  await expect(app.username).toBeFocused();
  await keyboard.type(ada.username);
  await keyboard.press('Tab');
  await expect(app.password).toBeFocused();
  await keyboard.type('wrong');
  await keyboard.press('Enter');
  await expect(app.alert).toHaveText('The username or the password is wrong.');
  await expect(app.password).toBeFocused();
  await keyboard.type(ada.password);
  await keyboard.press('Enter');
  await app.showsSignedIn(ada);
  await expect(app.page.getByRole('heading', { name: ada.displayName })).toBeFocused();

  await keyboard.press('Tab');
  await expect(app.page.getByRole('link', { name: 'Open Lorem' })).toBeFocused();
  await keyboard.press('Tab');
  await expect(app.signOutButton, 'the examples of other routes come after it').toBeFocused();
  await keyboard.press('Enter');
  await app.showsForm();
  await expect(app.username).toBeFocused();
});
