/**
 * The attacker guesses passwords and tries to be counted as somebody else each time: by another spelling of
 * the name, another address, another endpoint, or parallel guesses. They also try to lock others out.
 */

import { describe, expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { clientNetworks } from '../../apps/sso/src/accounts/client-networks.ts';
import { FAILURE_WINDOW_MS } from '../../apps/sso/src/accounts/login-throttle.ts';
import { openSqliteStores } from '../../apps/sso/src/storage/sqlite/open-stores.ts';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { type Answer, type HttpRequest, send } from '../support/http.ts';
import { type Site, site } from '../support/site.ts';
import { administer } from './administer.ts';

const WRONG = { username: ADA.username, password: 'nobody’s password at all' };
const QUARTER_HOUR_MS = 15 * 60_000;

type Credentials = { username: string; password: string };

function guess(
  at: Site,
  { username, password }: Credentials,
  from = '127.0.0.1',
  headers: HttpRequest['headers'] = {},
): Promise<Answer> {
  return send(at.sso, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: at.foo.origin, ...headers },
    body: JSON.stringify({ request: 'login', username, password }),
    from,
  });
}

/** Uses up an address's attempts at ada's account. */
async function exhaust(at: Site, from?: string): Promise<void> {
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    expect((await guess(at, WRONG, from)).status).toBe(401);
  }
}

/** The response doesn't reveal whether the password is right, and starts no session. */
function expectThrottled(answer: Answer, seconds?: number): void {
  expect(answer.status).toBe(429);
  expect(answer.body).toMatchObject({ code: 'too-many-attempts' });
  expect(answer.headers['set-cookie']).toBeUndefined();
  if (seconds === undefined) return;
  expect(answer.headers['retry-after']).toBe(String(seconds));
  expect(answer.body).toMatchObject({ retryAfterSeconds: seconds });
}

describe('after ten wrong guesses', () => {
  test('the right password is refused until the retry time of the response [T-GUESS-01]', async () => {
    const at = await site();
    await exhaust(at);
    const before = await at.state();
    expectThrottled(await guess(at, ADA), 900);
    expectThrottled(await guess(at, WRONG), 900);
    at.clock.now += QUARTER_HOUR_MS - 1;
    expectThrottled(await guess(at, ADA), 1);
    expect(await at.state()).toEqual(before);
    at.clock.now += 1;
    expect((await guess(at, ADA)).status).toBe(200);
  });

  test('the person elsewhere, others here, and signed-in people aren’t locked out [T-GUESS-08]', async () => {
    const at = await site();
    const victim = new Browser(at);
    await victim.signIn(ADA);
    await exhaust(at, '127.0.0.66');
    expectThrottled(await guess(at, ADA, '127.0.0.66'));
    expect((await guess(at, ADA)).status).toBe(200);
    expect((await guess(at, GRACE, '127.0.0.66')).status).toBe(200);
    expect(await victim.status()).toBe('signed in');
    expect(await victim.token(at.lorem)).toContain('.');
    expect(await victim.sessionAt(at.foo)).toMatchObject({ status: 'signed in' });
  });

  test('the same name is throttled in every spelling [T-GUESS-03]', async () => {
    const at = await site();
    // Upper case, full-width, bold, script, circled, and superscript letters.
    const spellings = ['ADA', 'aDa', 'ａｄａ', '𝐚𝐝𝐚', '𝒜𝒟𝒜', 'ⓐⓓⓐ', 'ᵃᵈᵃ', 'ᴬᴰᴬ'];
    for (const username of spellings) expect((await guess(at, { ...ADA, username })).status).toBe(200);
    for (const username of [...spellings, 'ada', 'AdA']) await guess(at, { ...WRONG, username });
    const before = await at.state();
    for (const username of [...spellings, 'ada']) expectThrottled(await guess(at, { ...ADA, username }));
    expect(await at.state()).toEqual(before);
  });

  test('no name with look-alike or invisible characters signs in to the account [T-GUESS-03]', async () => {
    const at = await site();
    await exhaust(at);
    const unseen = [
      '\u200b',
      '\u00ad',
      '\u2060',
      '\ufeff',
      '\u0000',
      ' ',
      '\t',
      '\u3000',
      '\u034f',
      '\u{e0061}',
      '\ufe0f',
      '\n',
    ];
    const alike = [
      'аda',
      'adа',
      'ɑda',
      'a\u0301da',
      'ädä',
      'ada.',
      '.ada',
      'ada@sso',
      'ada%00',
      'a da',
      '"ada"',
      'ada;--',
    ];
    const before = await at.state('sso.login_failure');
    for (const username of unseen.flatMap((sign) => [`ada${sign}`, `${sign}ada`])) {
      expectThrottled(await guess(at, { ...ADA, username }));
    }
    for (const username of alike) {
      const answer = await guess(at, { ...ADA, username });
      expect(answer.status, JSON.stringify(username)).toBe(401);
    }
    expect(await at.state('sso.login_failure')).toEqual(before);
    expectThrottled(await guess(at, ADA));
  });
});

test.each([
  ['straße', ['STRASSE', 'Straſſe', 'STRAẞE'], ['strase', 'straβe']],
  ['idil', ['IDIL', 'Ｉdil', 'ⅰdil'], ['ıdil', 'İDİL', 'ídil']],
  ['finn', ['ﬁnn', 'FINN', 'ﬁNN', 'f\u200dinn'], ['fin', 'fınn']],
  ['ὀδυσσεύς', ['ὈΔΥΣΣΕΎΣ', 'ὀδυσσεύσ', 'ο\u0313δυσσευ\u0301ς'], ['οδυσσευς']],
  ['kelvin', ['\u212aelvin', 'KELVIN', 'ｋelvin'], ['κelvin']],
])(
  '%s is one account with one count, however it is spelled [T-GUESS-03]',
  async (username, spellings, others) => {
    const at = await site();
    expect((await administer(at, 'account', 'rename', ADA.username, username)).status).toBe(0);
    for (const spelling of [...spellings, ...spellings, ...spellings].slice(0, 9)) {
      expect((await guess(at, { ...WRONG, username: spelling })).status, spelling).toBe(401);
    }
    for (const other of others)
      expect((await guess(at, { ...ADA, username: other })).status, other).toBe(401);
    for (const spelling of spellings) {
      expect((await guess(at, { ...ADA, username: spelling })).status, spelling).toBe(200);
    }
    expect((await guess(at, { ...WRONG, username })).status).toBe(401);
    for (const spelling of [username, ...spellings]) {
      expectThrottled(await guess(at, { ...ADA, username: spelling }));
    }
  },
);

test('a successful login doesn’t reset the count of failures [T-GUESS-01]', async () => {
  const at = await site();
  for (let attempt = 1; attempt <= 9; attempt += 1) await guess(at, WRONG);
  expect((await guess(at, ADA)).status).toBe(200);
  expect((await guess(at, WRONG)).status).toBe(401);
  expectThrottled(await guess(at, ADA));
});

describe('another address', () => {
  test.each<[string, (round: number) => HttpRequest['headers']]>([
    ['X-Forwarded-For', (round) => ({ 'x-forwarded-for': `203.0.113.${round}` })],
    ['a long X-Forwarded-For', (round) => ({ 'x-forwarded-for': `203.0.113.${round}, 127.0.0.1, 10.0.0.1` })],
    [
      'two X-Forwarded-For lines',
      (round) => ({ 'x-forwarded-for': [`203.0.113.${round}`, `198.51.100.${round}`] }),
    ],
    ['Forwarded', (round) => ({ forwarded: `for=203.0.113.${round};proto=https` })],
    [
      'X-Real-IP and a CDN’s headers',
      (round) => ({
        'x-real-ip': `203.0.113.${round}`,
        'cf-connecting-ip': `::${round}`,
        'true-client-ip': `::${round}`,
      }),
    ],
  ])('in %s is ignored where no proxy is trusted [T-GUESS-04]', async (_header, headers) => {
    const at = await site();
    for (let round = 1; round <= 10; round += 1) {
      expect((await guess(at, WRONG, undefined, headers(round))).status).toBe(401);
    }
    const before = await at.state();
    expectThrottled(await guess(at, ADA, undefined, headers(11)));
    expect(await at.state()).toEqual(before);
    const failures = before['sso.login_failure'] as { address: string }[];
    expect(new Set(failures.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
  });

  test.each([
    [
      'of one IPv6 network',
      (round: number) => `2001:db8:1:2:${round.toString(16)}::${round}`,
      '2001:db8:1:3::1',
    ],
    [
      'of one IPv6 network, in long form',
      (round: number) => `2001:0DB8:0001:0002:0:0:0:${round}`,
      '2001:db8:1:20::1',
    ],
    ['of one interface', (round: number) => `fe80::${round}%eth${round}`, 'fe80:0:0:1::1%eth0'],
    [
      'that is also IPv4-mapped IPv6',
      (round: number) => (round % 2 ? '192.0.2.7' : '::ffff:192.0.2.7'),
      '192.0.2.8',
    ],
  ])('%s is the same client’s [T-GUESS-05]', async (_what, addressOf, another) => {
    const at = await site();
    // Injected, since no test machine has these addresses.
    const guessFrom = async (remoteAddress: string, { username, password }: Credentials) => {
      const { foo, sso } = at;
      const headers = { origin: foo.origin };
      const payload = { request: 'login', username, password };
      return (await sso.app.inject({ method: 'POST', url: '/', headers, payload, remoteAddress })).statusCode;
    };
    for (let round = 1; round <= 10; round += 1) expect(await guessFrom(addressOf(round), WRONG)).toBe(401);
    const before = await at.state();
    expect(await guessFrom(addressOf(11), ADA)).toBe(429);
    expect(await at.state()).toEqual(before);
    expect(await guessFrom(another, ADA)).toBe(200);
  });

  test('that failed for 300 names is throttled for all names, unlike others [T-GUESS-02]', async () => {
    const at = await site();
    const stores = openSqliteStores(at.sso.database);
    // Stores most failures directly.
    for (let name = 0; name < 296; name += 1) {
      const usernameHash = Buffer.from(`name ${name}`);
      const context = { at: at.clock.now - 60_000, actor: 'person', address: '127.0.0.1' };
      const limits = { windowMs: FAILURE_WINDOW_MS, networks: clientNetworks('127.0.0.1') };
      await stores.loginFailures.add({ usernameHash, accountId: null }, limits, context);
    }
    await stores.close();
    for (const username of ['zoe', 'yves', 'xenia', 'ada']) {
      expect((await guess(at, { ...WRONG, username })).status).toBe(401);
    }
    const before = await at.state();
    for (const credentials of [ADA, GRACE, WRONG, { ...WRONG, username: 'walter' }]) {
      expectThrottled(await guess(at, credentials), 840);
    }
    expect(await at.state()).toEqual(before);
    expect((await guess(at, ADA, '127.0.0.2')).status).toBe(200);
    at.clock.now += 840_000;
    expect((await guess(at, GRACE)).status).toBe(200);
  });
});

test.each([
  ['fifty', 40, 10],
  ['as many as the queue admits', 20, 10],
])(
  'of %s parallel guesses only ten are checked, and a right one behind them is refused [T-GUESS-06]',
  async (_many, wrong, right) => {
    const at = await site();
    const credentials = [...Array<Credentials>(wrong).fill(WRONG), ...Array<Credentials>(right).fill(ADA)];
    const started: Promise<Answer>[] = [];
    for (const each of credentials) {
      started.push(guess(at, each));
      // Sent in this order without waiting for responses.
      await new Promise(setImmediate);
    }
    const statuses = (await Promise.all(started)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429 || status === 503)).toHaveLength(wrong + right - 10);
    const { 'sso.sso_session': sessions, 'sso.login_failure': failures } = await at.state();
    expect([sessions, failures?.length]).toEqual([[], 10]);
    expectThrottled(await guess(at, ADA));
  },
);

describe('the old password on the account page', () => {
  const change = (at: Site, browser: Browser, oldPassword: string) =>
    browser.send(at.sso, {
      method: 'POST',
      path: ACCOUNT_PATHS.password,
      headers: { 'content-type': 'application/json', origin: at.sso.origin },
      body: JSON.stringify({ oldPassword, newPassword: 'a horse that nobody knows of' }),
    });

  test('is throttled together with sign-ins [T-GUESS-07]', async () => {
    const at = await site();
    const attacker = new Browser(at);
    await attacker.logIn(ADA);
    for (let attempt = 1; attempt <= 5; attempt += 1) await guess(at, WRONG);
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect((await change(at, attacker, WRONG.password)).body).toMatchObject({ code: 'wrong-password' });
    }
    const before = await at.state();
    expectThrottled(await change(at, attacker, ADA.password), 900);
    expectThrottled(await guess(at, ADA), 900);
    expect(await at.state()).toEqual(before);
    at.clock.now += QUARTER_HOUR_MS;
    const code = 'reauthentication-required';
    expect((await change(at, attacker, ADA.password)).body).toMatchObject({ code });
    await attacker.logIn(ADA);
    expect((await change(at, attacker, ADA.password)).status).toBe(200);
  });

  test('can’t be guessed without a session [T-GUESS-07]', async () => {
    const at = await site();
    const before = await at.state();
    for (let attempt = 1; attempt <= 15; attempt += 1) {
      expect((await change(at, new Browser(at), ADA.password)).body).toMatchObject({
        code: 'not-signed-in',
      });
    }
    expect(await at.state()).toEqual(before);
  });

  test('is throttled together with sign-ins on the account page [T-GUESS-07]', async () => {
    const at = await site();
    await exhaust(at);
    const answer = await send(at.sso, {
      method: 'POST',
      path: ACCOUNT_PATHS.login,
      headers: { 'content-type': 'application/json', origin: at.sso.origin },
      body: JSON.stringify({ username: ADA.username, password: ADA.password }),
    });
    expectThrottled(answer, 900);
  });
});
