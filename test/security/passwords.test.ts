/**
 * The attacker knows part of a password, or a text that a careless hash accepts in its place: its beginning,
 * the part before a NUL, another encoding. Or they send passwords that take very long to process.
 */
import { describe, expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { type Answer, send } from '../support/http.ts';
import { type Site, sharedSite, site } from '../support/site.ts';
import { importAccounts } from './administer.ts';

const shared = sharedSite();
const JSON_TYPE = { 'content-type': 'application/json' };

let last = 1;
/** A new address each time, since one address is throttled. */
const anyAddress = () => {
  last += 1;
  return `127.0.2.${last}`;
};

function logIn(at: Site, username: string, password: string): Promise<Answer> {
  return send(at.sso, {
    method: 'POST',
    headers: { ...JSON_TYPE, origin: at.foo.origin },
    body: JSON.stringify({ request: 'login', username, password }),
    from: anyAddress(),
  });
}

/** Changes a person's password on the account page. */
function change(at: Site, browser: Browser, oldPassword: string, newPassword: string): Promise<Answer> {
  return browser.send(at.sso, {
    method: 'POST',
    path: ACCOUNT_PATHS.password,
    headers: { ...JSON_TYPE, origin: at.sso.origin },
    body: JSON.stringify({ oldPassword, newPassword }),
    from: anyAddress(),
  });
}

async function expectWrong(at: Site, username: string, passwords: readonly string[]): Promise<void> {
  const before = await at.state('sso.login_failure');
  for (const password of passwords) {
    const answer = await logIn(at, username, password);
    expect(answer.body, JSON.stringify(password)).toMatchObject({ code: 'invalid-credentials' });
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
  expect(await at.state('sso.login_failure')).toEqual(before);
}

const without = (text: string, index: number) => text.slice(0, index) + text.slice(index + 1);

test('only the complete password is accepted, at any length [T-PASSWORD-01]', async () => {
  const at = await site();
  const browser = new Browser(at);
  await browser.logIn(ADA);
  // 256 characters of three bytes each, the maximum length.
  const long = Array.from({ length: 256 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');
  expect((await change(at, browser, ADA.password, long)).status).toBe(200);
  await expectWrong(at, ADA.username, [
    ...[24, 71, 72, 73, 85, 127, 128, 255].map((length) => long.slice(0, length)),
    `${long}x`,
    `${long} `,
    ` ${long}`,
    `${long}\u0000`,
    `${long}${long}`,
    without(long, 0),
    without(long, 128),
    `${long.slice(0, 255)}x`,
    ADA.password,
  ]);
  expect((await logIn(at, ADA.username, long)).status).toBe(200);
});

test.each([
  [
    'a NUL and more characters, which a C library ignores',
    `${GRACE.password}\u0000`,
    `${GRACE.password}\u0000x`,
    '\u0000',
  ],
  ['spaces that a form could trim', `${GRACE.password} `, ` ${GRACE.password}`, `${GRACE.password}\n`],
  ['another case', GRACE.password.toUpperCase(), `N${GRACE.password.slice(1)}`],
  ['invisible characters', `${GRACE.password}\u200b`, `\ufeff${GRACE.password}`, `${GRACE.password}\u00ad`],
  ['the replacement character', GRACE.password.replace('a', '\ufffd'), '\ufffd'],
  [
    'special values, such as null',
    '$argon2id$v=19$m=19456,t=2,p=1$',
    '*',
    '%',
    'null',
    'undefined',
    '[object Object]',
  ],
])('another password is wrong: %s [T-PASSWORD-01]', async (_what, ...passwords) => {
  await expectWrong(shared(), GRACE.username, passwords);
  expect((await logIn(shared(), GRACE.username, GRACE.password)).status).toBe(200);
});

test('a password typed with equivalent Unicode characters is accepted', async () => {
  const fullWidth = GRACE.password.replace(/[a-z]/g, (letter) =>
    String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0),
  );
  expect((await logIn(shared(), GRACE.username, fullWidth)).status).toBe(200);
});

describe('an imported hash', () => {
  const OF_72 = '$2b$04$YSGJWoeamUpe53WUvaZ.meuL5u6NxNQ2h.idLoZCVhjcL.bgr1obK'; // 72 times x
  const OF_36 = '$2b$04$z5k2cTy5rnaQkKOhGUc.7uTo6lDOp2IpqG33jiCasMOqODel4t7oq'; // 36 times é: 72 bytes
  const OF_BEFORE = '$2b$04$PdeevAWinvdSuFu8BhWCCOOiAUS4.YoaOdgwvGS5UvFQWl6rzKWk.'; // before
  const OF_NOTHING = '$2b$04$UxgKS7PhOmQSAdyCCLnOb.pvGigpOFZse13ELP4tydcCB7g5MjODG';

  test('that covers only 72 bytes needs all of them [T-PASSWORD-02]', async () => {
    const at = await site();
    await importAccounts(at, { zoe: OF_72, yves: OF_36 });
    await expectWrong(at, 'zoe', ['x'.repeat(71), `${'x'.repeat(71)}y`, `y${'x'.repeat(71)}`, 'x']);
    await expectWrong(at, 'yves', ['é'.repeat(35), `${'é'.repeat(35)}è`, `${'é'.repeat(35)}\u00c3`]);
  });

  test('that covers only 72 bytes is replaced at the next sign-in [T-PASSWORD-02]', async () => {
    const at = await site();
    await importAccounts(at, { zoe: OF_72 });
    const typed = `${'x'.repeat(72)} and more`;
    expect((await logIn(at, 'zoe', typed)).status).toBe(200);
    // The hash is replaced after the response and before the same client's next attempt.
    expect((await logIn(at, 'zoe', 'x'.repeat(72))).status).toBe(401);
    await expectWrong(at, 'zoe', ['x'.repeat(72), `${'x'.repeat(72)} and`, `${typed}.`]);
    expect((await logIn(at, 'zoe', typed)).status).toBe(200);
  });

  test('that ends at a NUL accepts only the password before it [T-PASSWORD-02]', async () => {
    const at = await site();
    await importAccounts(at, { zoe: OF_BEFORE });
    await expectWrong(at, 'zoe', ['befor\u0000e', '\u0000before', 'be\u0000fore', 'befor']);
    expect((await logIn(at, 'zoe', 'before')).status).toBe(200);
    await expect
      .poll(async () => (await at.state())['sso.account'])
      .toMatchObject([{}, {}, { is_imported: 0 }]);
    await expectWrong(at, 'zoe', ['before\u0000', 'before\u0000x']);
  });

  test('of an empty password signs nobody in [T-PASSWORD-02]', async () => {
    const at = await site();
    await importAccounts(at, { zoe: OF_NOTHING });
    await expectWrong(at, 'zoe', ['\u0000', '\u0000x', '\u0000\u0000', ' ']);
    const before = await at.state();
    expect((await logIn(at, 'zoe', '')).body).toMatchObject({ code: 'invalid-request' });
    expect(await at.state()).toEqual(before);
  });
});

describe('a password that grows', () => {
  /** NFKC turns this character into eighteen. */
  const GREETING = '\ufdfa';

  test.each([
    ['to the size of a body', GREETING.repeat(1300)],
    ['escaped in JSON', '\u0001'.repeat(650)],
    ['to the schema’s limit', 'x'.repeat(4000)],
    ['with combining marks to reorder', 'a'.concat('\u0315\u0300'.repeat(900))],
    ['of Hangul to compose', '\u1100\u1161\u11a8'.repeat(400)],
    ['with every kind of folding', 'ΐ\u0390ﬃǰẖ'.repeat(300)],
  ])(
    '%s is wrong like any other, and its relative duration is printed [T-PASSWORD-03]',
    async (_what, password) => {
      const at = shared();
      const before = await at.state('sso.login_failure');
      const took: number[][] = [[], []];
      for (let round = 0; round < 5; round += 1) {
        for (const [index, each] of ['a password', password].entries()) {
          const started = performance.now();
          const answer = await logIn(at, 'nobody', each);
          took[index]?.push(performance.now() - started);
          expect(answer.body).toMatchObject({ code: 'invalid-credentials' });
        }
      }
      // The shortest time has the least noise. A busy machine still makes it no measure that could fail.
      const [plain = 0, grown = 0] = took.map((times) => Math.min(...times));
      console.log(`takes ${(grown / plain).toFixed(2)} times as long as an ordinary password`);
      expect(await at.state('sso.login_failure')).toEqual(before);
    },
  );

  test.each([
    ['beyond the maximum by normalization', GREETING.repeat(15), 422, 'unfit-password'],
    ['below the minimum by normalization', 'e\u0301'.repeat(14), 422, 'unfit-password'],
    ['beyond the schema’s limit', 'x'.repeat(3900), 422, 'unfit-password'],
    ['beyond the body limit', 'x'.repeat(4096), 413, 'too-large'],
    ['by megabytes', 'x'.repeat(3_000_000), 413, 'too-large'],
    ['with a lone surrogate', `${'a horse, a tree, '.repeat(2)}\ud800`, 400, 'invalid-request'],
  ])('%s can’t be set [T-PASSWORD-03]', async (_how, password, status, code) => {
    const at = shared();
    const browser = new Browser(at);
    await browser.logIn(GRACE);
    const before = await at.state();
    const answer = await change(at, browser, GRACE.password, password);
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await at.state()).toEqual(before);
    expect(await browser.status()).toBe('signed in');
  });

  test('is too large for a sign-in, too, for a known and an unknown name [T-PASSWORD-03]', async () => {
    const at = shared();
    const before = await at.state();
    for (const length of [4097, 1_000_000]) {
      expect((await logIn(at, ADA.username, 'x'.repeat(length))).body).toMatchObject({ code: 'too-large' });
      expect((await logIn(at, 'x'.repeat(length), ADA.password)).body).toMatchObject({ code: 'too-large' });
    }
    expect(await at.state()).toEqual(before);
  });
});
