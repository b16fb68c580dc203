import { expect, test } from 'vitest';
import {
  addGrace,
  logInOnPage,
  overviewOf,
  send,
  sidOf,
} from '../../../../test/support/sso/account-requests.ts';
import { cookieOf, GRACE, PASSWORD, testService } from '../../../../test/support/sso/test-service.ts';
import { ACCOUNT_PATHS } from './paths.ts';

test('a person can end another session of theirs, and this one continues', async () => {
  const { app, logIn } = await testService();
  const [laptop, phone] = [await logIn(), await logIn()];
  const url = `${ACCOUNT_PATHS.sessions}/${await sidOf(app, phone)}`;
  const answer = await send(app, { method: 'DELETE', url, cookie: laptop });
  expect(answer.json()).toEqual({ ended: 1 });
  expect(answer.headers['set-cookie']).toBeUndefined();
  await expect(overviewOf(app, phone)).rejects.toThrow('nobody is signed in');
  expect((await overviewOf(app, laptop)).sessions).toHaveLength(1);
});

test('ending this browser’s session signs the person out here', async () => {
  const { app, logIn } = await testService();
  const [laptop, phone] = [await logIn(), await logIn()];
  const url = `${ACCOUNT_PATHS.sessions}/${await sidOf(app, laptop)}`;
  const answer = await send(app, { method: 'DELETE', url, cookie: laptop });
  expect(answer.json()).toEqual({ ended: 1 });
  expect(answer.headers['set-cookie']).toMatch(/^__Host-sso=; Max-Age=0/);
  await expect(overviewOf(app, laptop)).rejects.toThrow('nobody is signed in');
  expect((await overviewOf(app, phone)).sessions).toHaveLength(1);
});

test('another person’s session is not found, and continues', async () => {
  const { app, logIn, stores } = await testService();
  await addGrace(stores);
  const ada = await logIn();
  const grace = cookieOf(await logInOnPage(app, { username: GRACE.username, password: PASSWORD }));
  expect((await overviewOf(app, ada)).sessions).toHaveLength(1);
  const answers = [];
  for (const sid of [await sidOf(app, grace), crypto.randomUUID()]) {
    const url = `${ACCOUNT_PATHS.sessions}/${sid}`;
    answers.push(await send(app, { method: 'DELETE', url, cookie: ada }));
  }
  for (const answer of answers) {
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'not-found' });
  }
  expect(answers[0]?.body).toBe(answers[1]?.body);
  expect((await overviewOf(app, grace)).account).toEqual(GRACE);
});

test('a request whose session ends while it is queued does nothing', async () => {
  const { app, logIn } = await testService();
  const [laptop, phone, tablet] = [await logIn(), await logIn(), await logIn()];
  const url = `${ACCOUNT_PATHS.sessions}/${await sidOf(app, phone)}`;
  const answers = await Promise.all([
    send(app, { method: 'DELETE', url, cookie: laptop }),
    send(app, { method: 'DELETE', url: ACCOUNT_PATHS.sessions, cookie: phone }),
  ]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 401]);
  for (const cookie of [laptop, tablet]) expect((await overviewOf(app, cookie)).sessions).toHaveLength(2);
});

test('a session that has ended is not found', async () => {
  const { app, logIn } = await testService();
  const [laptop, phone] = [await logIn(), await logIn()];
  const url = `${ACCOUNT_PATHS.sessions}/${await sidOf(app, phone)}`;
  await send(app, { method: 'DELETE', url, cookie: laptop });
  expect((await send(app, { method: 'DELETE', url, cookie: laptop })).statusCode).toBe(404);
});

test('a malformed sid is refused', async () => {
  const { app, logIn } = await testService();
  const cookie = await logIn();
  const named = (sid: string) =>
    send(app, { method: 'DELETE', url: `${ACCOUNT_PATHS.sessions}/${sid}`, cookie });
  expect((await named('x'.repeat(65))).statusCode).toBe(400);
  expect((await named('')).statusCode).toBe(400);
  expect((await overviewOf(app, cookie)).sessions).toHaveLength(1);
});

test('a person can end all their other sessions, and nobody else’s', async () => {
  const { app, logIn, stores } = await testService();
  await addGrace(stores);
  const grace = cookieOf(await logInOnPage(app, { username: GRACE.username, password: PASSWORD }));
  const [laptop, phone, tablet] = [await logIn(), await logIn(), await logIn()];
  const endOthers = () => send(app, { method: 'DELETE', url: ACCOUNT_PATHS.sessions, cookie: laptop });
  expect((await endOthers()).json()).toEqual({ ended: 2 });
  for (const cookie of [phone, tablet]) {
    await expect(overviewOf(app, cookie)).rejects.toThrow('nobody is signed in');
  }
  expect((await overviewOf(app, laptop)).sessions).toHaveLength(1);
  expect((await overviewOf(app, grace)).sessions).toHaveLength(1);
  expect((await endOthers()).json()).toEqual({ ended: 0 });
});
