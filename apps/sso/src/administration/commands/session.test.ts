import Sqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, FOO } from '../../../../../test/support/sso/test-service.ts';
import { addAda, administration, noticesForFoo, startSession } from '../administration.fixture.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

async function administrationWithSessions() {
  const { open, ...program } = administration();
  const stores = open();
  await addAda(stores);
  const at = Date.parse('2030-01-01T12:00:00Z');
  const older = await startSession(stores, { at });
  const newer = await startSession(stores, { at: at + 60_000, userAgent: FIREFOX });
  return { ...program, stores, older, newer };
}

describe('session list', () => {
  test('shows all sessions, the last used first, with their device, address and apps', async () => {
    const { done, older, newer } = await administrationWithSessions();
    const [headings, first, second, ...rest] = (await done(['session', 'list'])).split('\n');
    expect(headings?.split(/ {2,}/)).toEqual([
      'SID',
      'USERNAME',
      'DEVICE',
      'FROM',
      'STARTED',
      'LAST SEEN',
      'ENDS',
      'APPS',
    ]);
    expect(first?.split(/ {2,}/)).toEqual([
      newer,
      'ada',
      'Firefox on Linux',
      '192.0.2.1',
      '2030-01-01T12:01Z',
      '2030-01-01T12:01Z',
      '2030-01-01T13:01Z',
      FOO,
    ]);
    expect(second).toContain(older);
    expect(rest).toEqual(['']);
  });

  test('prints the sessions of one account as JSON, without secrets', async () => {
    const { json, older } = await administrationWithSessions();
    const [first, session] = await json(['session', 'list', 'ADA']);
    expect(first.userAgent).toBe(FIREFOX);
    expect(session).toEqual({
      sid: older,
      account: ADA,
      startedAt: '2030-01-01T12:00:00.000Z',
      lastSeenAt: '2030-01-01T12:00:00.000Z',
      endsAt: '2030-01-01T13:00:00.000Z',
      address: '192.0.2.1',
      userAgent: 'Lynx',
      apps: [FOO],
    });
  });

  test('fails for an unknown account, rather than list nothing', async () => {
    const { run } = administration();
    expect(await run(['session', 'list', 'nobody'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: account nobody not found\n',
    });
  });
});

describe('session end', () => {
  test('ends only the given session', async () => {
    const { done, stores, older, newer } = await administrationWithSessions();
    expect(await done(['session', 'end', older])).toBe('1 session ended.\n');
    expect((await allRows(stores.sessions.pages())).map(({ sid }) => sid)).toEqual([newer]);
    expect(await noticesForFoo(stores)).toEqual([older]);
    const [record] = await allRows(stores.audit.pages({ kind: 'session ended', limit: 1 }));
    expect(record).toMatchObject({
      sid: older,
      detail: 'ended by an operator',
      actor: expect.stringMatching(/^operator ./),
    });
  });

  test('ends several sessions, or all of an account', async () => {
    const { json, stores, older, newer } = await administrationWithSessions();
    expect(await json(['session', 'end', older, newer, older])).toEqual({ sessionsEnded: 2 });
    const third = await startSession(stores);
    expect(await json(['session', 'end', '--account', 'Ada'])).toEqual({ sessionsEnded: 1 });
    expect((await noticesForFoo(stores)).sort()).toEqual([older, newer, third].sort());
    expect(await json(['session', 'end', '--account', 'ada'])).toEqual({ sessionsEnded: 0 });
  });

  test('ends no session if one is unknown, and names all that are', async () => {
    const { run, stores, older } = await administrationWithSessions();
    expect(await run(['session', 'end', 'one', older, 'two'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: session one not found\nerror: session two not found\n',
    });
    expect(await allRows(stores.sessions.pages())).toHaveLength(2);
  });

  test.each([
    ['given sessions', (sids: string[]) => sids],
    ['sessions of an account', () => ['--account', 'ada']],
    ['sessions of all accounts', () => ['--all']],
  ])('ends all %s or none', async (_name, which) => {
    const { database, run, stores, older, newer } = await administrationWithSessions();
    const sqlite = new Sqlite(database);
    onTestFinished(() => void sqlite.close());
    // Ending the second session fails.
    sqlite.exec(`CREATE TRIGGER obstacle BEFORE DELETE ON sso_session
      WHEN (SELECT count(*) FROM sso_session) < 2 BEGIN SELECT RAISE(ABORT, 'an obstacle'); END`);
    expect(await run(['session', 'end', ...which([older, newer])])).toMatchObject({ status: 1, stdout: '' });
    expect(await allRows(stores.sessions.pages())).toHaveLength(2);
    expect(await noticesForFoo(stores)).toEqual([]);
  });

  test('ends the sessions of all accounts', async () => {
    const { json, stores, older, newer } = await administrationWithSessions();
    expect(await json(['session', 'end', '--all'])).toEqual({ sessionsEnded: 2 });
    expect((await noticesForFoo(stores)).sort()).toEqual([older, newer].sort());
    expect(await json(['session', 'end', '--all'])).toEqual({ sessionsEnded: 0 });
  });

  test.each([
    ['nothing', []],
    ['a session and an account', ['sid', '--account', 'ada']],
    ['a session and all', ['sid', '--all']],
    ['an account and all', ['--account', 'ada', '--all']],
  ])('refuses %s as a usage error', async (_name, args) => {
    const { run } = administration();
    const { status, stdout, stderr } = await run(['session', 'end', ...args]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^error: (specify session ids, '--account', or '--all'|.* cannot be used with .*)\n/,
    );
  });
});
