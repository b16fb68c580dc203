import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { sealingKeysOf } from '../../../../../test/support/sso/sealing-keys.ts';
import { ADA, PASSWORD, testService } from '../../../../../test/support/sso/test-service.ts';
import { addAuthenticator, codeAt, wrongCode } from '../../../../../test/support/sso/totp-app.ts';
import { administration } from '../administration.fixture.ts';

const RIGHT = { request: 'login', username: 'ada', password: PASSWORD };
const WRONG = { ...RIGHT, password: 'not the password of ada' };
const OFFICE = '192.0.2.1';

/** A service on the real clock, as the command line is, and the command line beside it. */
async function throttled() {
  const limits = { maxFailuresPerAccount: 2, maxFailures: 4 };
  const service = await testService({ failureLimits: limits });
  service.clock.now = Date.now();
  const command = administration({
    SSO_DATABASE: service.config.database,
    SSO_MAX_FAILURES_PER_ACCOUNT: '2',
    SSO_MAX_FAILURES_PER_ADDRESS: '4',
  });
  const fail = async (username: string, ip = OFFICE) => {
    service.clock.now += 1; // Real failures don't share a millisecond.
    expect((await service.post({ ...WRONG, username }, { ip })).statusCode).toBe(401);
  };
  const status = async (ip = OFFICE) => (await service.post(RIGHT, { ip })).statusCode;
  return { ...service, ...command, fail, status };
}

describe('throttle list', () => {
  test('is empty if nobody is throttled', async () => {
    const { json, done, fail } = await throttled();
    await fail('ada');
    expect(await json(['throttle', 'list'])).toEqual([]);
    expect(await done(['throttle', 'list'])).toBe('ADDRESS  LIMIT OF  USERNAME  FAILURES  LIMIT  UNTIL\n');
  });

  test('shows each reached limit, for whom and until when, but no unknown username [T-ENUM-04]', async () => {
    const { json, done, fail } = await throttled();
    for (const username of ['ADA', 'ada ', 'my password', 'my password']) await fail(username);
    const until = expect.stringMatching(/^\d{4}-.*Z$/);
    const ofAccount = { address: OFFICE, limitOf: 'account', failures: 2, maxFailures: 2, until };
    const listed = await json(['throttle', 'list']);
    expect(listed).toHaveLength(3);
    expect(listed).toEqual(
      expect.arrayContaining([
        { address: OFFICE, limitOf: 'address', username: null, failures: 4, maxFailures: 4, until },
        { ...ofAccount, username: 'ada' },
        { ...ofAccount, username: null },
      ]),
    );
    const shown = await done(['throttle', 'list']);
    expect(shown).toMatch(/\n192\.0\.2\.1 +address +- +4 +4 +\d{4}-/);
    expect(shown).toMatch(/\n192\.0\.2\.1 +account +ada +2 +2 +\d{4}-/);
    expect(shown).not.toContain('password');
  });

  test('applies the limits of wider networks', async () => {
    const { json, fail } = await throttled();
    for (let index = 0; index < 6; index += 1) await fail('ada', `2001:db8:1:${index}::1`);
    expect(await json(['throttle', 'list'])).toMatchObject([
      { address: '2001:db8:1::/56', limitOf: 'account', username: 'ada', failures: 6, maxFailures: 6 },
    ]);
  });
});

describe('throttle lift', () => {
  test('lets everybody at an address sign in again, and is audited [T-GUESS-08]', async () => {
    const { json, fail, status, stores } = await throttled();
    for (const username of ['ada', 'ada', 'x', 'y']) await fail(username);
    await fail('ada', '198.51.100.7');
    expect(await status()).toBe(429);
    expect(await json(['throttle', 'lift', `::ffff:${OFFICE}`])).toEqual({ failuresForgotten: 4 });
    expect(await status()).toBe(200);
    expect(await json(['throttle', 'list'])).toEqual([]);
    const records = await allRows(stores.audit.pages({ kind: 'throttle lifted', limit: 10 }));
    expect(records).toMatchObject([
      {
        actor: expect.stringMatching(/^operator ./),
        accountId: null,
        detail: `${OFFICE}: 4 failed sign-ins deleted`,
      },
    ]);
  });

  test('lets one account, in any spelling, sign in again from everywhere', async () => {
    const { done, fail, status, stores } = await throttled();
    for (const ip of [OFFICE, '2001:db8::1']) for (let time = 0; time < 2; time += 1) await fail('ada', ip);
    expect([await status(), await status('2001:db8::1')]).toEqual([429, 429]);
    expect(await done(['throttle', 'lift', ' ADA'])).toBe('Forgot 4 failed sign-ins.\n');
    expect([await status(), await status('2001:db8::1')]).toEqual([200, 200]);
    const records = await allRows(stores.audit.pages({ kind: 'throttle lifted', limit: 10 }));
    expect(records).toMatchObject([{ accountId: ADA.id, detail: 'the account: 4 failed sign-ins deleted' }]);
  });

  test('accepts an IPv6 address for all its networks, or one of them as the list shows it', async () => {
    const { json, fail } = await throttled();
    for (let time = 0; time < 2; time += 1) await fail('ada', '2001:db8::1');
    expect(await json(['throttle', 'lift', '2001:db8::/64'])).toEqual({ failuresForgotten: 2 });
    expect(await json(['throttle', 'lift', '2001:db8::2'])).toEqual({ failuresForgotten: 2 });
    expect(await json(['throttle', 'lift', '2001:db8::2'])).toEqual({ failuresForgotten: 0 });
  });

  test('refuses anything but an address or an account, and records nothing', async () => {
    const { run, stores } = await throttled();
    for (const name of ['nobody', '192.0.2.0/24', '2001:db8::/40']) {
      expect(await run(['throttle', 'lift', name])).toEqual({
        status: 1,
        stdout: '',
        stderr: `error: ${name} isn't an address, a network that throttle list shows, or an account\n`,
      });
    }
    expect(await allRows(stores.audit.pages({ kind: 'throttle lifted', limit: 10 }))).toEqual([]);
  });
});

test('the audit trail says which limit refused a sign-in [T-GUESS-08]', async () => {
  const { app, post, stores, fail, status } = await throttled();
  for (const username of ['ada', 'ada']) await fail(username);
  await status();
  for (const username of ['x', 'y']) await fail(username);
  expect((await post({ ...RIGHT, username: 'z' }, { ip: OFFICE })).statusCode).toBe(429);
  await app.close(); // Writes what was counted.
  const records = await allRows(stores.audit.pages({ kind: 'login throttled', limit: 10 }));
  expect(records.map(({ address, detail }) => [address, detail])).toEqual([
    [OFFICE, 'sign-ins refused: 1 (limit: 2 failures for one account from one address)'],
    [OFFICE, 'sign-ins refused: 1 (limit: 4 failures for any accounts from one address)'],
  ]);
});

test('a throttle by wrong codes from many addresses is listed, and lifted for the account', async () => {
  const service = await testService({ sealing: sealingKeysOf() });
  const { clock, config, post, logIn } = service;
  const command = administration({ SSO_DATABASE: config.database });
  const { secret } = await addAuthenticator(service, await logIn());
  clock.now = Date.now(); // As the command line's.
  const signIn = async (code: string, ip: string) =>
    (await post({ request: 'login', username: 'ada', password: PASSWORD, code }, { ip })).statusCode;
  for (let index = 1; index <= 10; index += 1) {
    clock.now += 1; // Real failures don't share a millisecond.
    expect(await signIn(wrongCode(secret, clock.now), `198.51.100.${index}`)).toBe(401);
  }
  expect(await signIn(codeAt(secret, clock.now), '192.0.2.1')).toBe(429);
  expect(await command.json(['throttle', 'list'])).toMatchObject([
    { address: 'any address', limitOf: 'account', username: 'ada', failures: 10, maxFailures: 10 },
  ]);
  expect(await command.done(['throttle', 'lift', 'ada'])).toBe('Forgot 10 failed sign-ins.\n');
  expect(await command.json(['throttle', 'list'])).toEqual([]);
  expect(await signIn(codeAt(secret, clock.now), '192.0.2.1')).toBe(200);
});
