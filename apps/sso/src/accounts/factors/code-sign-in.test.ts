import { expect, test } from 'vitest';
import { addGrace } from '../../../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { addPasskey, signInWith } from '../../../../../test/support/sso/passkey-requests.ts';
import { sealingKeysOf } from '../../../../../test/support/sso/sealing-keys.ts';
import { ADA, cookieOf, PASSWORD, testService } from '../../../../../test/support/sso/test-service.ts';
import { addAuthenticator, codeAt, wrongCode } from '../../../../../test/support/sso/totp-app.ts';

const WRONG_PASSWORD = 'a wrong password';

/** Ada's account with an authenticator app. */
async function withAuthenticator() {
  const service = await testService({ sealing: sealingKeysOf() });
  const { clock, post, stores } = service;
  const { secret, recoveryCodes } = await addAuthenticator(service, await service.logIn());
  const signIn = (code?: string, { password = PASSWORD, ip = '192.0.2.1' } = {}) =>
    post({ request: 'login', username: 'ada', password, ...(code !== undefined && { code }) }, { ip });
  const outcomeOf = async (...attempt: Parameters<typeof signIn>) => {
    const answer = await signIn(...attempt);
    return answer.statusCode === 200 ? 'signed in' : (answer.json().code as string);
  };
  const recordsOf = async (kind: 'login failed' | 'login throttled' | 'recovery code used') =>
    (await allRows(stores.audit.pages({ kind, limit: 100 }))).map(({ detail }) => detail);
  return {
    ...service,
    signIn,
    outcomeOf,
    recordsOf,
    recoveryCodes,
    right: () => codeAt(secret, clock.now),
    wrong: () => wrongCode(secret, clock.now),
    /** The code of some time steps ago. */
    before: (steps: number) => codeAt(secret, clock.now - 30_000 * steps),
  };
}
const anyAddress = (index: number) => ({ ip: `198.51.100.${index}` });

test('a right password without a code is answered by asking for one, and starts no session', async () => {
  const { signIn, recordsOf, stores } = await withAuthenticator();
  const sessions = await allRows(stores.sessions.pages());
  for (let count = 0; count < 12; count += 1) {
    const answer = await signIn();
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ code: 'second-factor-required' });
    expect(cookieOf(answer)).toBe('');
  }
  expect(await allRows(stores.sessions.pages())).toEqual(sessions);
  expect(await recordsOf('login failed')).toEqual([]);
});

test('a right code signs in, and counts as a second factor', async () => {
  const { signIn, right, stores, clock } = await withAuthenticator();
  const answer = await signIn(right());
  expect(answer.json()).toEqual({ status: 'signed in', account: ADA });
  expect(cookieOf(answer)).not.toBe('');
  const [session] = await allRows(stores.sessions.pages());
  expect(session).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], authenticatedAt: clock.now });
});

test('the code of the time step before signs in, an older or a later one doesn’t [T-CODE-02]', async () => {
  const { outcomeOf, before } = await withAuthenticator();
  expect(await outcomeOf(before(2))).toBe('invalid-code');
  expect(await outcomeOf(before(-1))).toBe('invalid-code');
  expect(await outcomeOf(before(1))).toBe('signed in');
});

test('a code signs in once, and after it no older one does [T-CODE-01]', async () => {
  const { outcomeOf, right, before, recordsOf, clock } = await withAuthenticator();
  const code = right();
  expect(await outcomeOf(code)).toBe('signed in');
  expect(await outcomeOf(code)).toBe('invalid-code');
  expect(await outcomeOf(before(1))).toBe('invalid-code');
  clock.now += 30_000;
  expect(await outcomeOf(code)).toBe('invalid-code');
  expect(await recordsOf('login failed')).toEqual(Array(3).fill('a code that was used before'));
  expect(await outcomeOf(right())).toBe('signed in');
});

test('of parallel sign-ins with one code, one succeeds [T-CODE-01]', async () => {
  const { outcomeOf, right, recoveryCodes } = await withAuthenticator();
  for (const code of [right(), recoveryCodes[0] ?? '']) {
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, (_, index) => outcomeOf(code, anyAddress(index))),
    );
    expect(outcomes.toSorted()).toEqual([...Array(4).fill('invalid-code'), 'signed in']);
  }
});

test('a recovery code signs in once, however it is typed [T-CODE-05]', async () => {
  const { signIn, outcomeOf, recoveryCodes, recordsOf, stores } = await withAuthenticator();
  const [first = '', second = ''] = recoveryCodes;
  expect((await signIn(first)).statusCode).toBe(200);
  const [session] = await allRows(stores.sessions.pages());
  expect(session).toMatchObject({ amr: ['pwd', 'otp', 'mfa'] });
  expect(await outcomeOf(first)).toBe('invalid-code');
  expect(await outcomeOf(` ${second.toLowerCase().replaceAll('-', ' ')} `)).toBe('signed in');
  expect(await recordsOf('recovery code used')).toHaveLength(2);
  expect(await stores.factors.of(ADA.id)).toMatchObject({ recoveryCodeCount: 8 });
});

test('spaces and hyphens in a code don’t matter', async () => {
  const { outcomeOf, right, recoveryCodes } = await withAuthenticator();
  expect(await outcomeOf(` ${right().replace(/^.../, '$& -')}`)).toBe('signed in');
  expect(await outcomeOf([...(recoveryCodes[0] ?? '')].join('    '))).toBe('signed in');
});

test.each([
  '',
  '12345',
  'x'.repeat(1000),
  '1234567',
  'abcdef',
  '0000-0000-0000-0000-0000-0000',
  '💥',
  '\0'.repeat(6),
])('the code %j is refused, and the next right one signs in', async (code) => {
  const { outcomeOf, right } = await withAuthenticator();
  expect(await outcomeOf(code)).toBe('invalid-code');
  expect(await outcomeOf(right())).toBe('signed in');
});

test('a wrong password uses up no code, and the code doesn’t change its response [T-CODE-04]', async () => {
  const { signIn, outcomeOf, right, wrong, recoveryCodes } = await withAuthenticator();
  const code = right();
  const [recoveryCode = ''] = recoveryCodes;
  const bodies = [];
  for (const each of [code, recoveryCode, wrong(), undefined]) {
    bodies.push((await signIn(each, { password: WRONG_PASSWORD })).body);
  }
  expect(new Set(bodies)).toHaveLength(1);
  expect(bodies[0]).toContain('invalid-credentials');
  expect(await outcomeOf(recoveryCode)).toBe('signed in');
  expect(await outcomeOf(code)).toBe('signed in');
});

test('a code is ignored if the account has no authenticator app', async () => {
  const { post, stores } = await testService();
  const answer = await post({ request: 'login', username: 'ada', password: PASSWORD, code: '123456' });
  expect(answer.statusCode).toBe(200);
  expect((await allRows(stores.sessions.pages()))[0]).toMatchObject({ amr: ['pwd'] });
});

test('ten wrong codes of an account throttle its codes, from any addresses [T-CODE-03]', async () => {
  const { signIn, outcomeOf, right, wrong, recoveryCodes, recordsOf, clock } = await withAuthenticator();
  for (let index = 1; index <= 10; index += 1) {
    expect(await outcomeOf(wrong(), anyAddress(index))).toBe('invalid-code');
  }
  const answer = await signIn(right(), anyAddress(99));
  expect(answer.statusCode).toBe(429);
  expect(answer.json()).toMatchObject({ code: 'too-many-attempts', retryAfterSeconds: 900 });
  expect(await outcomeOf(recoveryCodes[0], anyAddress(98))).toBe('too-many-attempts');
  expect(await outcomeOf(wrong(), anyAddress(97))).toBe('too-many-attempts');
  expect(await recordsOf('login failed')).toEqual(Array(10).fill('a wrong code'));
  // Nobody learns of it without the password.
  expect(await outcomeOf(right(), { password: WRONG_PASSWORD, ...anyAddress(96) })).toBe(
    'invalid-credentials',
  );
  clock.now += 900_000;
  expect(await outcomeOf(right(), anyAddress(99))).toBe('signed in');
});

test('ten wrong codes of an account don’t throttle its passkeys [T-CODE-03]', async () => {
  const service = await withAuthenticator();
  const { app, clock, signIn, outcomeOf, right, wrong } = service;
  const passkey = await addPasskey(app, cookieOf(await signIn(right())));
  for (let index = 0; index < 10; index += 1) {
    expect(await outcomeOf(wrong(), anyAddress(index))).toBe('invalid-code');
  }
  clock.now += 30_000; // The next code.
  expect(await outcomeOf(right(), anyAddress(10))).toBe('too-many-attempts');
  expect((await signInWith(service, passkey)).statusCode).toBe(200);
});

test('of wrong codes in parallel, no more than ten are answered as wrong [T-CODE-03]', async () => {
  const { outcomeOf, wrong } = await withAuthenticator();
  const outcomes = await Promise.all(
    Array.from({ length: 15 }, (_, index) => outcomeOf(wrong(), anyAddress(index))),
  );
  expect(outcomes.filter((outcome) => outcome === 'invalid-code')).toHaveLength(10);
  const others = outcomes.filter((outcome) => outcome !== 'invalid-code');
  // On a busy machine, the last ones in the queue get no turn.
  expect(['too-many-attempts', 'overloaded']).toEqual(expect.arrayContaining(others));
});

test('wrong codes from one address throttle that address like wrong passwords [T-CODE-03]', async () => {
  const { outcomeOf, wrong, right, stores } = await withAuthenticator();
  for (let count = 0; count < 10; count += 1) expect(await outcomeOf(wrong())).toBe('invalid-code');
  expect(await outcomeOf(undefined)).toBe('too-many-attempts');
  expect(await outcomeOf(undefined, anyAddress(1))).toBe('second-factor-required');
  expect(await outcomeOf(right(), anyAddress(1))).toBe('too-many-attempts');
  expect(await stores.factors.of(ADA.id)).toMatchObject({ recoveryCodeCount: 10 });
});

test('an account can be throttled by wrong codes without any effect on other accounts', async () => {
  const { outcomeOf, wrong, post, stores } = await withAuthenticator();
  await addGrace(stores);
  for (let index = 1; index <= 10; index += 1) await outcomeOf(wrong(), anyAddress(index));
  const answer = await post({ request: 'login', username: 'grace', password: PASSWORD, code: '123456' });
  expect(answer.statusCode).toBe(200);
});
