import { expect, test } from 'vitest';
import { addGrace, logInOnPage, overviewOf, send } from '../../../../test/support/sso/account-requests.ts';
import { cookieOf, GRACE, PASSWORD, testService } from '../../../../test/support/sso/test-service.ts';
import { ACCOUNT_PATHS } from './paths.ts';

const NEW_PASSWORD = 'an entirely different sentence';
type App = Awaited<ReturnType<typeof testService>>['app'];

function change(app: App, cookie: string, oldPassword = PASSWORD, newPassword = NEW_PASSWORD) {
  const body = { oldPassword, newPassword };
  return send(app, { method: 'POST', url: ACCOUNT_PATHS.password, cookie, body });
}

function logInWith(app: App, password: string) {
  return logInOnPage(app, { username: 'ada', password });
}

test('a new password ends the other sessions, and this session continues under a new cookie', async () => {
  const { app, clock, logIn } = await testService();
  const [laptop, phone, tablet] = [await logIn(), await logIn(), await logIn()];
  clock.now += 600_000;
  const before = (await overviewOf(app, laptop)).sessions[0];
  const answer = await change(app, laptop);
  expect(answer.json()).toEqual({ ended: 2 });
  expect(answer.headers['set-cookie']).toMatch(
    /^__Host-sso=[\w-]{43}; Max-Age=42600; Path=\/; HttpOnly; Secure; Priority=High; SameSite=Strict$/,
  );
  for (const cookie of [laptop, phone, tablet]) {
    await expect(overviewOf(app, cookie)).rejects.toThrow('nobody is signed in');
  }
  const { sessions } = await overviewOf(app, cookieOf(answer));
  expect(sessions).toHaveLength(1);
  expect(sessions[0]).toMatchObject({ sid: before?.sid, endsAt: before?.endsAt });
});

test('after a change only the new password works', async () => {
  const { app, logIn } = await testService();
  await change(app, await logIn());
  expect((await logInWith(app, PASSWORD)).statusCode).toBe(401);
  expect((await logInWith(app, NEW_PASSWORD)).statusCode).toBe(200);
});

test('a password made of the site’s names is refused, and nothing changes', async () => {
  const { app, logIn } = await testService({ contextWords: ['Analytical Engines'] });
  const answer = await change(app, await logIn(), PASSWORD, 'analytical engines 1');
  expect(answer.statusCode).toBe(422);
  expect(answer.json()).toMatchObject({
    code: 'unfit-password',
    detail: 'The new password is made of names that are easy to guess.',
  });
  expect((await logInWith(app, PASSWORD)).statusCode).toBe(200);
});

test('changing a password doesn’t change that of another account', async () => {
  const { app, logIn, stores } = await testService();
  await addGrace(stores);
  const grace = cookieOf(await logInOnPage(app, { username: GRACE.username, password: PASSWORD }));
  await change(app, await logIn());
  expect((await overviewOf(app, grace)).account).toEqual(GRACE);
});

test('a wrong old password changes nothing', async () => {
  const { app, logIn } = await testService();
  const [laptop, phone] = [await logIn(), await logIn()];
  const answer = await change(app, laptop, 'wrong');
  expect(answer.statusCode).toBe(403);
  expect(answer.json()).toMatchObject({ code: 'wrong-password' });
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect((await overviewOf(app, laptop)).sessions).toHaveLength(2);
  expect((await overviewOf(app, phone)).sessions).toHaveLength(2);
  expect((await logInWith(app, PASSWORD)).statusCode).toBe(200);
});

test('guesses of the old password are throttled together with logins', async () => {
  const { app, logIn } = await testService();
  const cookie = await logIn();
  for (let failures = 0; failures < 10; failures += 1) {
    expect((await change(app, cookie, 'wrong')).statusCode).toBe(403);
  }
  const answer = await change(app, cookie);
  expect(answer.statusCode).toBe(429);
  expect(answer.headers['retry-after']).toBe('900');
  expect(answer.json()).toMatchObject({ code: 'too-many-attempts', retryAfterSeconds: 900 });
  expect((await logInWith(app, PASSWORD)).statusCode).toBe(429);
  expect((await overviewOf(app, cookie)).sessions).toHaveLength(1);
});

test.each([
  ['too short', 'short', 'The new password is shorter than 15 characters.'],
  ['empty', '', 'The new password is shorter than 15 characters.'],
  ['too long', 'x1'.repeat(129), 'The new password is longer than 256 characters.'],
  ['common', 'passwordpassword', /^The new password is too common/],
  ['the old one', PASSWORD, 'The new password is the same as the old one.'],
  [
    'the old one, typed differently',
    PASSWORD.replace('c', 'ｃ'),
    'The new password is the same as the old one.',
  ],
])(
  'a new password that is %s is refused with a reason, and nothing changes',
  async (_name, password, words) => {
    const { app, logIn } = await testService();
    const [laptop, phone] = [await logIn(), await logIn()];
    const answer = await change(app, laptop, PASSWORD, password);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      code: 'unfit-password',
      detail: typeof words === 'string' ? words : expect.stringMatching(words),
    });
    expect((await overviewOf(app, phone)).sessions).toHaveLength(2);
    expect((await logInWith(app, PASSWORD)).statusCode).toBe(200);
  },
);

test('of two parallel password changes, one succeeds', async () => {
  const { app, logIn } = await testService();
  const [laptop, phone] = [await logIn(), await logIn()];
  const answers = await Promise.all([
    change(app, laptop, PASSWORD, 'the first of two sentences'),
    change(app, phone, PASSWORD, 'the second of two sentences'),
  ]);
  expect(answers.map(({ statusCode }) => statusCode === 200).sort()).toEqual([false, true]);
  const winner = answers.findIndex(({ statusCode }) => statusCode === 200);
  const password = winner === 0 ? 'the first of two sentences' : 'the second of two sentences';
  expect((await logInWith(app, password)).statusCode).toBe(200);
});
