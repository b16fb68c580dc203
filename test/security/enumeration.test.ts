/**
 * The attacker has a list of names and wants to know which of them have an account: from responses, their
 * headers, their timing, or throttling.
 */
import { expect, test } from 'vitest';
import { ADA, GRACE } from '../support/browser.ts';
import { send } from '../support/http.ts';
import { type Site, site } from '../support/site.ts';
import { administer, importAccounts } from './administer.ts';
import { expectEqualTimes } from './compare-times.ts';

const WRONG = 'nobody’s password at all';
const BEFORE = 'the password of before';
/** Two bcrypt hashes of `BEFORE`: one is cheaper to verify than Argon2id, one far more expensive. */
const CHEAP = '$2b$04$RiLJnXoMBbt9.Pe3DD8chufEYifDMClMcytVCzKhU8pC2Mmc1i/SW';
const EXPENSIVE = '$2b$10$R7oeOxC4M.dY4JBkTUzOo.y8CkfskK1hCxRNPd5CwKMqOjDQ3CNzy';

interface Guess {
  username: string;
  password?: string;
  path?: '/' | '/account/login';
  from?: string;
}

async function guess(at: Site, { username, password = WRONG, path = '/', from }: Guess) {
  const isOwn = path !== '/';
  return await send(at.sso, {
    method: 'POST',
    path,
    from: from ?? '127.0.0.1',
    headers: {
      'content-type': 'application/json',
      origin: isOwn ? at.sso.origin : at.foo.origin,
    },
    body: JSON.stringify({ ...(!isOwn && { request: 'login' }), username, password }),
  });
}

/** The complete response, in its order, without the date. */
async function said(at: Site, attempt: Guess) {
  const { status, headers, body } = await guess(at, attempt);
  const lines = Object.entries(headers).filter(([name]) => name !== 'date');
  return { status, lines, body };
}

/** One name of every kind with an attacker's guess. The first has no account. */
const KINDS: Guess[] = [
  { username: 'nobody' },
  { username: ADA.username },
  { username: GRACE.username, password: GRACE.password },
  { username: 'imported' },
  { username: 'imported', password: 'another password of before' },
];

async function siteOfAllKinds(): Promise<Site> {
  const at = await site();
  await importAccounts(at, { imported: CHEAP });
  await administer(at, 'account', 'disable', GRACE.username);
  return at;
}

test.each(['/', '/account/login'] as const)(
  'the response of %s is the same for unknown, known, disabled, and imported accounts [T-ENUM-01]',
  async (path) => {
    const at = await siteOfAllKinds();
    const before = await at.state('sso.login_failure');
    const answers = [];
    for (const kind of KINDS) answers.push(await said(at, { ...kind, path }));
    const [ofNobody, ...others] = answers;
    expect(ofNobody).toMatchObject({ status: 401 });
    for (const answer of others) expect(answer).toEqual(ofNobody);
    expect(await at.state('sso.login_failure')).toEqual(before);
    // Only the right password gets another response.
    expect((await guess(at, { ...ADA, path })).status).toBe(200);
  },
);

test('names that can’t have an account get the same response as all others [T-ENUM-01]', async () => {
  const at = await site();
  const before = await at.state('sso.login_failure');
  const ofNobody = await said(at, { username: 'nobody' });
  for (const username of [
    ' ',
    '-',
    '\u0000',
    'ada ',
    '😀',
    '\u202eada',
    'x'.repeat(65),
    'x'.repeat(1024),
    '../ada',
    '%',
  ])
    expect(await said(at, { username }), username).toEqual(ofNobody);
  expect(await at.state('sso.login_failure')).toEqual(before);
});

test('an unknown name is throttled like a known, disabled, or imported one [T-ENUM-03]', async () => {
  const at = await siteOfAllKinds();
  const before = await at.state('sso.login_failure');
  const courses = new Map<string, unknown[]>();
  for (const kind of KINDS.slice(0, 4)) {
    const course: unknown[] = [];
    for (let attempt = 1; attempt <= 12; attempt += 1) course.push(await said(at, kind));
    courses.set(kind.username, course);
  }
  const ofNobody = courses.get('nobody');
  const statuses = (ofNobody as { status: number }[]).map(({ status }) => status);
  expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
  for (const [name, course] of courses) expect(course, name).toEqual(ofNobody);
  expect(await at.state('sso.login_failure')).toEqual(before);
});

async function expectAlike(at: Site, guesses: readonly ((round: number) => Guess)[]): Promise<void> {
  await expectEqualTimes(
    guesses.map((next) => async (round) => {
      // A new address each time: throttled guesses aren't checked.
      const { status } = await guess(at, { from: `127.0.1.${round + 1}`, ...next(round) });
      expect(status).toBe(401);
    }),
  );
}

test('a response takes as long for an unknown name as for a known or disabled one [T-ENUM-02]', async () => {
  const at = await site();
  await administer(at, 'account', 'disable', GRACE.username);
  const before = await at.state('sso.login_failure');
  await expectAlike(at, [
    (round) => ({ username: `nobody${round}` }),
    () => ({ username: ADA.username }),
    () => GRACE,
  ]);
  expect(await at.state('sso.login_failure')).toEqual(before);
});

test('a response takes as long for an unknown name as for a costly imported hash [T-ENUM-02]', async () => {
  const at = await site();
  await importAccounts(at, { disabled: EXPENSIVE });
  await administer(at, 'account', 'disable', 'disabled');
  const before = await at.state('sso.login_failure');
  await expectAlike(at, [
    (round) => ({ username: `nobody${round}` }),
    () => ({ username: 'disabled' }),
    () => ({ username: 'disabled', password: BEFORE }),
  ]);
  expect(await at.state('sso.login_failure')).toEqual(before);
});

test('another person’s password is wrong for an unknown name [T-ENUM-05]', async () => {
  const at = await site();
  await administer(at, 'account', 'remove', GRACE.username);
  const before = await at.state('sso.login_failure');
  for (const username of ['nobody', 'grace', 'zoe', '0']) {
    expect((await guess(at, { username, password: ADA.password })).status).toBe(401);
  }
  expect(await at.state('sso.login_failure')).toEqual(before);
});
