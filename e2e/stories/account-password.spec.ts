/** The account page's password change, which needs the old password and ends other sessions. */
import { expect, test, WITHIN_10_S } from '../account-test.ts';

test('a person changes the password in one browser and is signed out in the other', async ({
  app,
  elsewhere,
  site,
  somebody,
}) => {
  const newPassword = 'the moth has left the relay';
  await (await app.open(site.foo.origin)).signIn(somebody);
  await (await elsewhere.open(site.sso.origin)).signIn(somebody);
  await expect(
    elsewhere.page.getByText('This ends all your other sessions and keeps this one.'),
  ).toBeVisible();
  await elsewhere.changePassword(somebody.password, newPassword);
  await expect(
    elsewhere.page.getByRole('status').filter({ hasText: 'Your password has been changed.' }),
  ).toHaveText('Your password has been changed. Your other session has ended.');
  await expect(elsewhere.oldPassword).toHaveValue('');
  await expect(elsewhere.newPassword).toHaveValue('');

  await expect.poll(() => app.sessionStatus(), WITHIN_10_S).toBe('signed out');
  await app.page.reload();
  await app.send(somebody);
  await expect(app.alert).toHaveText('The username or the password is wrong.');
  await app.signIn({ ...somebody, password: newPassword });
  await elsewhere.page.reload();
  await elsewhere.showsSignedIn(somebody);
  await expect(elsewhere.otherSessions).toHaveCount(1);
});

test('an unsuitable password is explained beside its field, and the fields keep what was typed', async ({
  account,
  site,
  somebody,
}) => {
  await (await account.open(site.sso.origin)).signIn(somebody);
  await account.changePassword('not the old one at all', 'a new one of many words');
  await expect(account.oldPassword).toHaveAccessibleDescription(/The old password is wrong\./);
  await expect(account.oldPassword).toBeFocused();
  await expect(account.newPassword).toHaveValue('a new one of many words');

  await account.changePassword(somebody.password, 'too short');
  await expect(account.newPassword).toHaveAccessibleDescription(/is shorter than 15 characters\./);
  await expect(account.newPassword).toBeFocused();
  await expect(account.oldPassword).toHaveValue(somebody.password);
  await expect(account.oldPassword).toHaveAccessibleDescription(/^(?!.*wrong)/);
});

test('without a response, the account page says that the password may already be changed', async ({
  account,
  site,
  somebody,
}) => {
  await (await account.open(site.sso.origin)).signIn(somebody);
  await site.sso.stop();
  await account.changePassword(somebody.password, 'the moth has left the relay');
  await expect(account.alert.filter({ hasText: 'isn’t responding' })).toHaveText(
    'The SSO service isn’t responding. Your password may already have been changed.',
  );
  await site.sso.start();
  await account.tryAgainButton.click();
  await expect(account.page.getByRole('status').filter({ hasText: 'has been changed' })).toBeVisible();
});
