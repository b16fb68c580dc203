import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, FOO } from '../../../../../test/support/sso/test-service.ts';
import { addAda, administration } from '../administration.fixture.ts';

const HOUR_MS = 3_600_000;

/** Ada was added long ago, failed to sign in 3 h ago, and signed in now. A token was refused 1 h ago. */
async function administrationWithTrail() {
  const { open, ...program } = administration();
  const { audit, ...stores } = open();
  await addAda({ audit, ...stores });
  const now = Date.now();
  const byPerson = (at: number) => ({ at, actor: 'person', address: '192.0.2.1' });
  await audit.add({ kind: 'login failed', accountId: ADA.id }, byPerson(now - 3 * HOUR_MS));
  await audit.add(
    { kind: 'token refused', app: FOO, sid: 'sid', detail: 'already redeemed' },
    { ...byPerson(now - HOUR_MS), actor: FOO },
  );
  await audit.add({ kind: 'login succeeded', accountId: ADA.id }, byPerson(now));
  const kindsOf = async (...filter: string[]): Promise<string[]> =>
    (await program.json(['audit', ...filter])).map(({ kind }: { kind: string }) => kind);
  return { ...program, stores, kindsOf };
}

describe('audit', () => {
  test('shows who did what from where, the newest record last', async () => {
    const { done } = await administrationWithTrail();
    const [headings, added, , refused] = (await done(['audit']))
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(headings).toEqual(['TIME', 'WHAT', 'WHO', 'BY', 'FROM', 'APP/SESSION', 'WHY']);
    expect(added).toEqual([
      '1970-01-01T00:00:00Z',
      'account added',
      'ada',
      'operator',
      '-',
      '-',
      'Ada Lovelace',
    ]);
    expect(refused?.slice(1)).toEqual([
      'token refused',
      '-',
      FOO,
      '192.0.2.1',
      `${FOO} sid`,
      'already redeemed',
    ]);
  });

  test('prints the records as JSON', async () => {
    const { json } = await administrationWithTrail();
    const [added] = await json(['audit']);
    expect(added).toEqual({
      id: 1,
      at: '1970-01-01T00:00:00.000Z',
      kind: 'account added',
      actor: 'operator',
      address: null,
      accountId: ADA.id,
      username: 'ada',
      sid: null,
      app: null,
      detail: 'Ada Lovelace',
    });
  });

  test('filters by kind, time and number', async () => {
    const { kindsOf } = await administrationWithTrail();
    expect(await kindsOf('--kind', 'token refused')).toEqual(['token refused']);
    expect(await kindsOf('--since', '2h')).toEqual(['token refused', 'login succeeded']);
    expect(await kindsOf('--since', '1970-01-02', '--until', '90m')).toEqual(['login failed']);
    expect(await kindsOf('--limit', '2')).toEqual(['token refused', 'login succeeded']);
  });

  test('finds an account by any spelling of its usernames, by its id, and after its removal', async () => {
    const { stores, kindsOf, done } = await administrationWithTrail();
    const ofAda = ['account added', 'login failed', 'login succeeded'];
    expect(await kindsOf('--account', 'ADA')).toEqual(ofAda);
    expect(await kindsOf('--account', ADA.id)).toEqual(ofAda);
    await done(['account', 'rename', 'ada', 'countess']);
    expect(await kindsOf('--account', 'countess')).toEqual([...ofAda, 'account renamed']);
    await done(['account', 'remove', 'countess']);
    expect(await allRows(stores.accounts.pages())).toEqual([]);
    expect(await kindsOf('--account', 'countess')).toEqual(['account removed']);
    expect(await kindsOf('--account', ADA.id)).toEqual([...ofAda, 'account renamed', 'account removed']);
  });

  test('fails for an unknown account, but not for an account without matching records', async () => {
    const { run, kindsOf } = await administrationWithTrail();
    expect(await run(['audit', '--account', 'nobody'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: account nobody not found, and no matching record names it\n',
    });
    expect(await kindsOf('--account', 'ada', '--kind', 'key retired')).toEqual([]);
  });

  test.each([
    [
      ['--kind', 'login'],
      "option '--kind <kind>' argument 'login' is invalid. Allowed choices are login succeeded, ",
    ],
    [
      ['--since', 'yesterday'],
      "option '--since <time>' argument 'yesterday' is invalid. It must be a date or time",
    ],
    [
      ['--until', '2026-02-31'],
      "option '--until <time>' argument '2026-02-31' is invalid. It must be a date",
    ],
    [
      ['--limit', '0'],
      "option '--limit <n>' argument '0' is invalid. It must be a number from 1 to 1000000.\n",
    ],
    [
      ['--limit', 'all'],
      "option '--limit <n>' argument 'all' is invalid. It must be a number from 1 to 1000000.\n",
    ],
    [['ada'], "too many arguments for 'audit'. Expected 0 arguments but got 1.\n"],
  ])('refuses %j as a usage error', async (filter, message) => {
    const { run } = administration();
    const { status, stdout, stderr } = await run(['audit', ...filter]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.startsWith(`error: ${message}`)).toBe(true);
  });
});
