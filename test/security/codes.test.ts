/**
 * The attacker knows a person's password, or has a session that the person left open, and wants to get past
 * the authenticator app, or to add one of their own.
 */
import { expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { addAccounts, PASSWORD_HASH } from '../support/accounts.ts';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { cellsOf } from '../support/database-state.ts';
import type { Answer } from '../support/http.ts';
import { type Site, site } from '../support/site.ts';
import { codeAt, decodeBase32, wrongCode } from '../support/sso/totp-app.ts';
import { sendToAccountPage } from './account-requests.ts';
import { administer, importAccounts } from './administer.ts';
import { expectEqualTimes } from './compare-times.ts';

const MINUTE_MS = 60_000;
/** The SSO service counts failed sign-ins. */
const COUNTED = 'sso.login_failure';

/** Ada adds an authenticator app, on the account page. */
async function siteWithAuthenticator(environment?: Record<string, string>) {
  const at = await site(environment);
  const browser = new Browser(at);
  await browser.logIn();
  const { secret, recoveryCode } = await addAuthenticator(at, browser);
  at.clock.now += MINUTE_MS;
  const attempt = async (body: object, from = '127.0.0.1') =>
    await new Browser(at).send(at.sso, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: at.foo.origin },
      body: JSON.stringify({ request: 'login', ...body }),
      from,
    });
  return {
    at,
    browser,
    secret,
    recoveryCode,
    attempt,
    right: () => codeAt(secret, at.clock.now),
    wrong: () => wrongCode(secret, at.clock.now),
  };
}

async function addAuthenticator(at: Site, browser: Browser) {
  const { authenticator } = ACCOUNT_PATHS;
  const prepared = await sendToAccountPage(browser, at, 'POST', authenticator, {});
  const { secret } = prepared.body as { secret: string };
  const code = codeAt(secret, at.clock.now);
  const confirmed = await sendToAccountPage(browser, at, 'PUT', authenticator, { code });
  const [recoveryCode = ''] = confirmed.body['recoveryCodes'] as string[];
  return { secret, recoveryCode };
}

const credentials = { username: ADA.username, password: ADA.password };

/** The complete response, in its order, without the date. */
function said({ status, headers, text }: Answer) {
  return { status, lines: Object.entries(headers).filter(([name]) => name !== 'date'), text };
}

test('a password without a code starts no session and changes nothing [T-CODE-04]', async () => {
  const { at, attempt } = await siteWithAuthenticator();
  const before = await at.state();
  for (let count = 0; count < 3; count += 1) {
    const answer = await attempt(credentials);
    expect([answer.status, answer.body['code']]).toEqual([401, 'second-factor-required']);
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
  expect(await at.state()).toEqual(before);
});

test('a used code is refused, in sequence and in parallel, and changes nothing [T-CODE-01]', async () => {
  const { at, attempt, right, recoveryCode } = await siteWithAuthenticator();
  for (const code of [right(), recoveryCode]) {
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, index) => attempt({ ...credentials, code }, `127.0.2.${index + 1}`)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
    const before = await at.state(COUNTED);
    const again = await attempt({ ...credentials, code });
    expect([again.status, again.body['code']]).toEqual([401, 'invalid-code']);
    expect(await at.state(COUNTED)).toEqual(before);
  }
});

test('codes of one account can be guessed ten times, from any number of addresses [T-CODE-03]', async () => {
  const { at, attempt, right, wrong, recoveryCode } = await siteWithAuthenticator();
  const before = await at.state(COUNTED);
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      attempt({ ...credentials, code: wrong() }, `127.0.3.${index + 1}`),
    ),
  );
  expect(answers.filter(({ body }) => body['code'] === 'invalid-code')).toHaveLength(10);
  for (const code of [right(), recoveryCode]) {
    expect((await attempt({ ...credentials, code }, '127.0.4.1')).status).toBe(429);
  }
  expect(await at.state(COUNTED)).toEqual(before);
});

test('with the passwords, codes of many accounts can’t be guessed from one address [T-CODE-03]', async () => {
  const { at, attempt } = await siteWithAuthenticator({ SSO_MAX_FAILURES_PER_ADDRESS: '24' });
  const names = ['ann', 'ben', 'cem', 'dan', 'eva', 'fay'];
  const accounts = names.map((username) => ({
    username,
    displayName: username,
    passwordHash: PASSWORD_HASH,
  }));
  await addAccounts(at.sso.database, accounts);
  const people = names.map((username) => ({ ...credentials, username }));
  const secrets = new Map<string, string>();
  for (const person of people) {
    const owner = new Browser(at, person);
    await owner.logIn();
    secrets.set(person.username, (await addAuthenticator(at, owner)).secret);
  }
  at.clock.now += MINUTE_MS;
  const secretOf = (username: string) => secrets.get(username) ?? '';
  const before = await at.state(COUNTED);

  // Five guesses per account: no account's own limit is reached.
  const answers: Answer[] = [];
  for (let count = 0; count < 5 * people.length; count += 1) {
    const person = people[count % people.length] ?? credentials;
    answers.push(await attempt({ ...person, code: wrongCode(secretOf(person.username), at.clock.now) }));
  }
  const codes = answers.map(({ body }) => body['code']);
  expect(codes).toEqual([...Array(24).fill('invalid-code'), ...Array(6).fill('too-many-attempts')]);
  for (const person of people) {
    const code = codeAt(secretOf(person.username), at.clock.now);
    const answer = await attempt({ ...person, code });
    expect([answer.status, answer.headers['set-cookie']], 'a hit isn’t told either').toEqual([
      429,
      undefined,
    ]);
  }
  expect(await at.state(COUNTED)).toEqual(before);
  // The owners are elsewhere, and no code of theirs was used up.
  for (const person of people) {
    const code = codeAt(secretOf(person.username), at.clock.now);
    expect((await attempt({ ...person, code }, '127.0.8.1')).status).toBe(200);
  }
});

test('a wrong password with a code counts for the address like one without [T-CODE-03]', async () => {
  const { at, attempt, wrong } = await siteWithAuthenticator();
  const names = Array.from({ length: 30 }, (_, index) => `somebody${index}`);
  await importAccounts(at, Object.fromEntries(names.map((name) => [name, '$2b$04$unknown'.padEnd(60, 'u')])));
  const before = await at.state(COUNTED);
  let refused = 0;
  for (let count = 0; count < 302; count += 1) {
    const username = names[count % names.length] ?? '';
    const answer = await attempt({ username, password: 'a guess', code: wrong() });
    if (answer.status === 429) refused += 1;
  }
  expect(refused).toBe(2);
  expect((await attempt({ ...credentials, code: wrong() })).status).toBe(429);
  expect(await at.state(COUNTED)).toEqual(before);
});

test('without the password, nothing tells who has an authenticator app [T-CODE-04]', async () => {
  const { at, attempt, right, wrong, recoveryCode } = await siteWithAuthenticator();
  const before = await at.state(COUNTED);
  const ofGrace = said(await attempt({ username: GRACE.username, password: 'a guess' }));
  for (const code of [undefined, right(), wrong(), recoveryCode, 'x']) {
    for (const username of [ADA.username, GRACE.username, 'nobody']) {
      const answer = await attempt({ username, password: 'a guess', ...(code && { code }) });
      expect(said(answer), `${username} ${code}`).toEqual(ofGrace);
    }
  }
  expect(await at.state(COUNTED)).toEqual(before);
  // None of the codes was used up.
  expect((await attempt({ ...credentials, code: right() })).status).toBe(200);
  expect((await attempt({ ...credentials, code: recoveryCode })).status).toBe(200);
});

test('a throttle by wrong codes is told to nobody without the password [T-CODE-04]', async () => {
  const { attempt, wrong } = await siteWithAuthenticator();
  for (let index = 1; index <= 10; index += 1) {
    await attempt({ ...credentials, code: wrong() }, `127.0.5.${index}`);
  }
  const from = '127.0.6.1';
  const ofAda = await attempt({ username: ADA.username, password: 'a guess', code: wrong() }, from);
  const ofGrace = await attempt({ username: GRACE.username, password: 'a guess', code: wrong() }, from);
  expect(said(ofAda)).toEqual(said(ofGrace));
});

test('a wrong password takes as long with an authenticator app as without [T-CODE-04]', async () => {
  const { attempt, wrong } = await siteWithAuthenticator();
  const guess = (username: string) => (round: number) =>
    attempt({ username, password: 'a guess', code: wrong() }, `127.0.7.${round + 1}`);
  await expectEqualTimes([ADA, GRACE].map(({ username }) => guess(username)));
});

test('a session that was left open can’t add, remove or replace a factor [T-CODE-07]', async () => {
  const { at, browser, right } = await siteWithAuthenticator();
  const [left, grace] = [browser, new Browser(at, GRACE)];
  await grace.logIn();
  const signIn = { password: ADA.password, code: right() };
  await sendToAccountPage(left, at, 'POST', ACCOUNT_PATHS.reauthenticate, signIn);
  at.clock.now += 10 * MINUTE_MS + 1;
  for (const session of [left, grace]) await session.status(); // Counts as use.
  const before = await at.state();
  for (const session of [left, grace]) {
    for (const [method, path, body] of [
      ['POST', ACCOUNT_PATHS.authenticator, {}],
      ['PUT', ACCOUNT_PATHS.authenticator, { code: '123456' }],
      ['DELETE', ACCOUNT_PATHS.authenticator, undefined],
      ['POST', ACCOUNT_PATHS.recoveryCodes, {}],
      ['DELETE', ACCOUNT_PATHS.sessions, undefined],
    ] as const) {
      const answer = await sendToAccountPage(session, at, method, path, body);
      expect([answer.status, answer.body['code']], `${method} ${path}`).toEqual([
        401,
        'reauthentication-required',
      ]);
    }
  }
  expect(await at.state()).toEqual(before);
});

test('another site’s or an app’s page can’t change a person’s factors [T-CODE-07]', async () => {
  const { at, browser, right } = await siteWithAuthenticator();
  const signIn = { password: ADA.password, code: right() };
  await sendToAccountPage(browser, at, 'POST', ACCOUNT_PATHS.reauthenticate, signIn);
  const before = await at.state();
  for (const origin of [at.foo.origin, 'https://evil.example', 'null']) {
    for (const [method, path, body] of [
      ['POST', ACCOUNT_PATHS.authenticator, {}],
      ['DELETE', ACCOUNT_PATHS.authenticator, undefined],
      ['POST', ACCOUNT_PATHS.recoveryCodes, {}],
      ['POST', ACCOUNT_PATHS.reauthenticate, { password: ADA.password }],
    ] as const) {
      const answer = await sendToAccountPage(browser, at, method, path, body, origin);
      expect([answer.status, answer.body['code']]).toEqual([403, 'origin-not-allowed']);
    }
  }
  expect(await at.state()).toEqual(before);
});

test('no audit record has a code, and no row the secret of an authenticator app [T-CODE-06]', async () => {
  const { at, attempt, secret, recoveryCode, right, wrong } = await siteWithAuthenticator();
  const codes = [right(), wrong(), 'a code with a typo'];
  for (const code of codes) await attempt({ ...credentials, code });
  const { stdout: records } = await administer(at, 'audit', '--json');
  expect(records).toContain('a wrong code');
  const secrets = [secret, recoveryCode, recoveryCode.replaceAll('-', '')];
  for (const text of [...secrets, ...codes]) expect(records).not.toContain(text);
  const bytes = decodeBase32(secret);
  const encoded = (['base64', 'base64url', 'hex'] as const).map((encoding) => bytes.toString(encoding));
  for (const cell of cellsOf(await at.state())) {
    for (const each of [...secrets, bytes, ...encoded]) expect(cell.includes(each)).toBe(false);
  }
});
