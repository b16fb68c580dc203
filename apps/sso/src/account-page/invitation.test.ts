import { COOKIES, problem } from '@samesite-sso/protocol';
import { describe, expect, test } from 'vitest';
import { addGrace, logInOnPage, overviewOf, send } from '../../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import {
  ADA,
  cookieOf,
  FOO,
  GRACE,
  OPERATOR,
  PASSWORD,
  testService,
} from '../../../../test/support/sso/test-service.ts';
import { createInvitationSecret } from '../accounts/invitations.ts';
import { ACCOUNT_PATHS } from './paths.ts';

const url = ACCOUNT_PATHS.invitation;
const CHOSEN = 'an entirely different sentence';
const HOUR_MS = 3_600_000;

async function invited(accountId = ADA.id) {
  const service = await testService();
  const { app, clock } = service;
  await addGrace(service.stores);
  const { secret, secretHash } = createInvitationSecret();
  const expiresAt = clock.now + HOUR_MS;
  await service.stores.invitations.create({ accountId, secretHash, expiresAt }, OPERATOR);
  return {
    ...service,
    secret,
    look: (guess = secret) => send(app, { method: 'POST', url, body: { secret: guess } }),
    accept: (password = CHOSEN, { guess = secret, ...more }: { guess?: string; cookie?: string } = {}) =>
      send(app, { method: 'PUT', url, body: { secret: guess, password }, ...more }),
    /** What changes when an invitation is accepted. */
    state: async () => [
      await service.stores.accounts.findCredentials('ada'),
      (await allRows(service.stores.sessions.pages())).map(({ sid }) => sid),
    ],
  };
}

describe('an invitation', () => {
  test('tells whose it is, and is not used by that', async () => {
    const { look } = await invited();
    for (let time = 0; time < 2; time += 1) {
      const answer = await look();
      expect([answer.statusCode, answer.json()]).toEqual([200, { account: ADA }]);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  test('is refused with two session cookies', async () => {
    const { app, secret } = await invited();
    const cookie = `${COOKIES.sso}=a; ${COOKIES.sso}=b`;
    const answer = await send(app, { method: 'POST', url, body: { secret }, cookie });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid-request']);
  });

  test('sets the password and signs in, after which only the new password works', async () => {
    const { accept, app, logIn } = await invited();
    const old = await logIn();
    const answer = await accept();
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'signed in', account: ADA }]);
    const cookie = cookieOf(answer);
    expect((await overviewOf(app, cookie)).sessions).toHaveLength(1);
    await expect(overviewOf(app, old)).rejects.toThrow('nobody is signed in');
    const statusWith = async (password: string) =>
      (await logInOnPage(app, { username: 'ada', password })).statusCode;
    expect([await statusWith(PASSWORD), await statusWith(CHOSEN)]).toEqual([401, 200]);
  });

  test('lets its person enroll a factor right away', async () => {
    const { accept, app } = await invited();
    const cookie = cookieOf(await accept());
    const body = { purpose: 'registration' };
    const answer = await send(app, { method: 'POST', url: ACCOUNT_PATHS.passkeyChallenge, cookie, body });
    expect(answer.statusCode).toBe(200);
  });

  test('signs out the person who was signed in on this browser [T-INVITE-06]', async () => {
    const { accept, app, stores } = await invited();
    const graces = cookieOf(await logInOnPage(app, { username: 'grace', password: PASSWORD }));
    await accept(CHOSEN, { cookie: graces });
    expect(await allRows(stores.sessions.pages(GRACE.id))).toEqual([]);
    await expect(overviewOf(app, graces)).rejects.toThrow('nobody is signed in');
  });

  test.each([
    ['a short password', 'too short', 'The password is shorter than 15 characters.'],
    ['an empty password', '', 'The password is shorter than 15 characters.'],
    ['a common password', '123456789012345', 'The password is too common.'],
    ['the person’s name', 'Ada Lovelace Ada', 'The password is made of names that are easy to guess.'],
  ])('isn’t used up by %s', async (_name, password, detail) => {
    const { accept, state } = await invited();
    const before = await state();
    const answer = await accept(password);
    expect([answer.statusCode, answer.json().code, answer.json().detail]).toEqual([
      422,
      'unfit-password',
      detail,
    ]);
    expect(await state()).toEqual(before);
    expect((await accept()).statusCode).toBe(200);
  });

  test('is accepted once by parallel requests [T-INVITE-03]', async () => {
    const { accept, app, stores } = await invited();
    const passwords = Array.from({ length: 4 }, (_, index) => `${CHOSEN} ${index}`);
    const answers = await Promise.all(passwords.map((password) => accept(password)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 401, 401, 401]);
    const logins = [];
    for (const password of passwords) logins.push(await logInOnPage(app, { username: 'ada', password }));
    expect(logins.map(({ statusCode }) => statusCode)).toEqual(answers.map(({ statusCode }) => statusCode));
    expect(await allRows(stores.sessions.pages())).toHaveLength(2);
  });
});

describe('an invitation that doesn’t work gets one answer, and changes nothing [T-INVITE-01]', () => {
  type Invited = Awaited<ReturnType<typeof invited>>;

  test.each<[string, (given: Invited) => Promise<string>]>([
    ['a guess', async () => createInvitationSecret().secret],
    ['an empty secret', async () => ''],
    ['a secret of one character', async () => 'x'],
    ['a secret of 4,000 characters', async () => 'x'.repeat(4000)],
    ['a text that isn’t a secret', async () => '\0 ʘ\ud83d\ude00'],
    ['another spelling', async ({ secret }) => secret.toUpperCase()],
    ['its beginning', async ({ secret }) => secret.slice(0, -1)],
    [
      'one that has expired',
      async ({ secret, clock }) => {
        clock.now += HOUR_MS;
        return secret;
      },
    ],
    [
      'one of a disabled account',
      async ({ secret, stores }) => {
        await stores.accounts.disable(ADA.id, OPERATOR);
        return secret;
      },
    ],
    [
      'one of a removed account',
      async ({ secret, stores }) => {
        await stores.accounts.remove(ADA.id, OPERATOR);
        return secret;
      },
    ],
    [
      'one that was replaced',
      async ({ secret, stores, clock }) => {
        const { secretHash } = createInvitationSecret();
        const invitation = { accountId: ADA.id, secretHash, expiresAt: clock.now + HOUR_MS };
        await stores.invitations.create(invitation, OPERATOR);
        return secret;
      },
    ],
    [
      'one that was used',
      async ({ secret, accept }) => {
        await accept();
        return secret;
      },
    ],
  ])('%s', async (_name, prepare) => {
    const given = await invited();
    const guess = await prepare(given);
    const before = await given.state();
    const answers = [await given.look(guess), await given.accept('another fine sentence', { guess })];
    // An unfit password, too: answering `unfit-password` would confirm the secret.
    answers.push(await given.accept('short', { guess }));
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.json()).toEqual(problem('invalid-invitation'));
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect(await given.state()).toEqual(before);
  });

  test.each<[string, 'POST' | 'PUT', unknown]>([
    ['no secret', 'POST', {}],
    ['a secret that is a number', 'POST', { secret: 5 }],
    ['an unknown member', 'POST', { secret: 'x', username: 'ada' }],
    ['no password', 'PUT', { secret: 'x' }],
    ['a password that is a list', 'PUT', { secret: 'x', password: [CHOSEN] }],
    ['an unknown member beside the password', 'PUT', { secret: 'x', password: CHOSEN, username: 'ada' }],
    ['null', 'PUT', null],
  ])('and a request with %s is invalid', async (_name, method, body) => {
    const { app, state } = await invited();
    const before = await state();
    const answer = await send(app, { method, url, body });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid-request']);
    expect(await state()).toEqual(before);
  });
});

test('a page of another origin can neither see nor use an invitation [T-INVITE-05]', async () => {
  const { app, secret, state, accept } = await invited();
  const before = await state();
  for (const origin of [FOO, null, 'null', 'http://evil.example.localhost:4000']) {
    for (const [method, body] of [
      ['POST', { secret }],
      ['PUT', { secret, password: CHOSEN }],
    ] as const) {
      const answer = await send(app, { method, url, body, origin });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'origin-not-allowed']);
    }
  }
  expect(await state()).toEqual(before);
  expect((await accept()).statusCode).toBe(200);
});
