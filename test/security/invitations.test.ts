/**
 * The attacker guesses, steals or reuses an invitation link, or had access to the account before its person
 * accepted one. They want the account.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSessionToken } from '@samesite-sso/core';
import { expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { ADA, Browser, GRACE, type Party } from '../support/browser.ts';
import { cellsOf, databaseState } from '../support/database-state.ts';
import type { Answer } from '../support/http.ts';
import { runningSite } from '../support/process-site.ts';
import { site } from '../support/site.ts';
import { sendToAccountPage } from './account-requests.ts';
import { administer } from './administer.ts';

const PASSWORD = 'the moth has left the relay';

/** @returns the secret in the link that the command line prints */
async function invite(at: Parameters<typeof administer>[0], username: string): Promise<string> {
  const { stdout } = await administer(at, 'account', 'invite', username, '--json');
  return new URL(JSON.parse(stdout).link).hash.replace('#invitation=', '');
}

/** Sends a request of the invitation page. */
function request(
  who: Browser,
  at: { sso: Party },
  body: { secret: string; password?: string },
  origin?: string,
): Promise<Answer> {
  const method = body.password === undefined ? 'POST' : 'PUT';
  return sendToAccountPage(who, at, method, ACCOUNT_PATHS.invitation, body, origin);
}

test('guessed secrets, and spellings of a real one, reveal and change nothing [T-INVITE-01]', async () => {
  const at = await site();
  const secret = await invite(at, 'ada');
  const attacker = new Browser(at);
  const before = await at.state();
  const guesses = [
    ...Array.from({ length: 20 }, createSessionToken),
    ...[
      secret.slice(1),
      secret.slice(0, -1),
      `${secret}=`,
      ` ${secret}`,
      `${secret}\0`,
      secret.toLowerCase(),
    ],
    ...['ada', 'account-of-ada', '*', '%', "' OR '1'='1", '\u0000'],
    Buffer.from(secret, 'base64url').toString('base64'),
  ];
  for (const guess of guesses) {
    for (const password of [undefined, PASSWORD]) {
      const answer = await request(attacker, at, { secret: guess, ...(password && { password }) });
      expect([answer.status, answer.body['code']], guess).toEqual([401, 'invalid-invitation']);
      expect(answer.text).not.toMatch(/ada/i);
    }
  }
  expect(attacker.cookies.size).toBe(0);
  expect(await at.state()).toEqual(before);
});

test('an account that is invited, or has no password, looks like any other [T-INVITE-01]', async () => {
  const at = await site();
  await administer(at, 'account', 'invite', 'new', '--name', 'A New Colleague');
  await invite(at, 'grace');
  const answers: Answer[] = [];
  for (const username of ['new', 'grace', 'ada', 'nobody']) {
    answers.push(await new Browser(at).logIn({ username, password: PASSWORD }));
  }
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(answers[0]?.body['code']).toBe('invalid-credentials');
});

test('somebody who had access loses it once the person accepts an invitation [T-INVITE-02]', async () => {
  const at = await site();
  const [attacker, person] = [new Browser(at), new Browser(at)];
  await attacker.signIn(ADA);
  const stolenToken = await attacker.token(at.foo);
  const secret = await invite(at, 'ada');
  expect(await attacker.status(), 'until then the old session works').toBe('signed in');
  expect((await request(person, at, { secret, password: PASSWORD })).status).toBe(200);
  expect(await attacker.status()).toBe('signed out');
  expect((await attacker.redeem(at.foo, stolenToken)).status).toBe(401);
  expect((await new Browser(at).logIn(ADA)).body['code']).toBe('invalid-credentials');
  expect(await person.status()).toBe('signed in');
  expect((await new Browser(at).logIn({ ...ADA, password: PASSWORD })).status).toBe(200);
});

test('a link that was used, replaced or read too late is worth nothing [T-INVITE-03]', async () => {
  const at = await site();
  const expectWorthless = async (secret: string) => {
    const before = await at.state();
    const attacker = new Browser(at);
    for (const password of [undefined, 'another fine sentence']) {
      const answer = await request(attacker, at, { secret, ...(password && { password }) });
      expect([answer.status, answer.body['code']]).toEqual([401, 'invalid-invitation']);
    }
    expect(attacker.cookies.size).toBe(0);
    expect(await at.state()).toEqual(before);
  };
  const replaced = await invite(at, 'ada');
  const used = await invite(at, 'ada');
  await expectWorthless(replaced);
  const person = new Browser(at);
  expect((await request(person, at, { secret: used, password: PASSWORD })).status).toBe(200);
  await expectWorthless(used);
  await person.logOut(); // The session would expire below, and its row be deleted at any moment.
  const late = await invite(at, 'grace');
  // The command line has the clock of the machine, and the service that of the test.
  at.clock.now = Date.now() + 72 * 3_600_000;
  await expectWorthless(late);
});

test('an invitation’s secret is in no log, database, audit record or response [T-INVITE-04]', async () => {
  const at = await runningSite();
  const sso = { origin: at.sso.origin, database: at.databaseOf('sso') };
  const secrets = [await invite({ sso }, 'ada'), await invite({ sso }, 'grace')];
  const [used = '', refused = ''] = secrets;
  const answers = [
    await request(at.person(), at, { secret: used }),
    await request(at.person(), at, { secret: used, password: PASSWORD }),
    await request(at.person(), at, { secret: used, password: PASSWORD }),
    await request(at.person(), at, { secret: refused, password: 'short' }),
    // As a browser never sends it: in the address.
    await at.person().send(at.sso, { path: `/?invitation=${refused}` }),
    await at.person().send(at.sso, { path: `${ACCOUNT_PATHS.invitation}/${refused}` }),
  ];
  expect(answers.map(({ status }) => status).slice(0, 4)).toEqual([200, 200, 401, 422]);
  for (const { headers, text } of answers) {
    for (const secret of secrets) expect(JSON.stringify(headers) + text).not.toContain(secret);
    expect(headers['referrer-policy']).toBe('no-referrer');
  }
  for (const process of [at.sso, at.foo]) await process.end('SIGTERM');
  const { stdout: audit } = await administer({ sso }, 'audit', '--json');
  expect(audit).toContain('invitation accepted');
  const files = readdirSync(at.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  // With PostgreSQL the database isn't in the folder, so its rows are searched.
  const contents = [...files, ...cellsOf(await databaseState({ sso: sso.database }))];
  for (const secret of secrets) {
    expect(audit).not.toContain(secret);
    for (const content of contents) expect(content.includes(secret)).toBe(false);
  }
}, 60_000);

test('a page of another origin can neither see an invitation nor accept it [T-INVITE-05]', async () => {
  const at = await site();
  const secret = await invite(at, 'ada');
  const before = await at.state();
  for (const origin of [at.foo.origin, 'http://evil.example.localhost:4000', 'null', `${at.sso.origin}/`]) {
    for (const password of [undefined, PASSWORD]) {
      const answer = await request(new Browser(at), at, { secret, ...(password && { password }) }, origin);
      expect([answer.status, answer.body['code']], origin).toEqual([403, 'origin-not-allowed']);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  }
  expect(await at.state()).toEqual(before);
});

test('a link for the attacker’s account leaves nobody’s session in its place [T-INVITE-06]', async () => {
  const at = await site();
  const victim = new Browser(at);
  await victim.signIn(ADA);
  const old = victim.copy();
  const secret = await invite(at, 'grace');
  const shown = await request(victim, at, { secret });
  expect(shown.body['account'], 'whose account it is').toMatchObject({ username: GRACE.username });
  expect(await victim.status(), 'looking at it changes nothing').toBe('signed in');
  await request(victim, at, { secret, password: PASSWORD });
  expect((await victim.loginStatus()).body['account']).toMatchObject({ username: GRACE.username });
  expect(await old.status(), 'the victim’s own session has ended').toBe('signed out');
});
