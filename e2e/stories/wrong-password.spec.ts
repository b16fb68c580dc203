/** Story 3: a wrong password, then the right one, and what happens after many guesses. */
import { ada, addSomebody } from '../administration.ts';
import { jsonRequest, sendFromPage } from '../cross-origin-requests.ts';
import { watchRequests } from '../request-log.ts';
import { expect, test } from '../test.ts';

const wrong = 'incorrect horse battery staple';

test('a wrong password is refused without a hint, and the right one is accepted afterwards', async ({
  app,
  site,
}) => {
  const atSso = await watchRequests(site, 'sso');
  await app.open(site.foo.origin);
  await app.send({ ...ada, password: wrong });
  await expect(app.alert).toHaveText('The username or the password is wrong.');
  await app.showsSteps({ 1: 'done', 2: 'done', 5: 'refused', 3: 'not yet', 4: 'not yet' });
  await expect(app.password, 'the wrong password is ready to be typed over').toBeFocused();

  await app.send({ username: 'nobody-of-that-name', password: wrong });
  await expect(app.alert, 'an unknown account gets the same message').toHaveText(
    'The username or the password is wrong.',
  );

  await app.signIn(ada);
  await app.showsSteps({ 1: 'done', 2: 'done', 5: 'done', 3: 'done', 4: 'done' });
  await expect.poll(atSso).toEqual([
    'OPTIONS / 204',
    'POST / 200',
    'POST / 200', // The challenge for the autofill of passkeys.
    'POST / 401',
    'POST / 401',
    'POST / 200',
    'POST / 200',
    'POST /introspect 200',
  ]);
});

test('after ten failures the right password is refused, too, and the page shows for how long', async ({
  app,
  site,
}) => {
  const somebody = await addSomebody(site);
  await app.open(site.foo.origin);
  const guess = { request: 'login', username: somebody.username, password: wrong } as const;
  await sendFromPage(app.page, Array(9).fill(jsonRequest(site.sso.origin, guess)));
  await app.send({ ...somebody, password: wrong });
  await expect(app.alert, 'the tenth').toHaveText('The username or the password is wrong.');

  const atSso = await watchRequests(site, 'sso');
  await app.send(somebody);
  await expect(app.alert).toHaveText(/^Too many failed attempts\. Try again in \d+ minutes\.$/);
  await expect(app.timer).toHaveText(/^1\d:\d\d$/);
  await expect(app.signInButton).toBeDisabled();
  const shown = await app.timer.textContent();
  await expect(app.timer, 'the wait runs down').not.toHaveText(shown ?? '');

  await app.page.reload();
  await app.send(somebody);
  await expect(app.alert).toHaveText(/^Too many failed attempts\./);
  await expect(app.signInButton).toBeDisabled();
  await expect.poll(atSso).toEqual(['POST / 429', 'POST / 200', 'POST / 200', 'POST / 429']);

  // Another person at the same address isn't throttled.
  await app.page.reload();
  await app.signIn(ada);
});
