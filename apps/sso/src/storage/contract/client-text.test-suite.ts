/** Texts from clients that a backend may be unable to store: nothing has them, and nothing fails. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ACCOUNT, ADA, CONTEXT, type Given, IDLE_SINCE, LIMITS } from './given.ts';

export function clientTextContract(given: Given): void {
  // A lone surrogate becomes U+FFFD in UTF-8, and would then match a text that contains that.
  test.each([
    ['a NUL character', 'ada\0', 'ada'],
    ['half a surrogate pair', 'ada\ud83d', 'ada\ufffd'],
  ])('find nothing by a text with %s, and end nothing', async (_name, text, similar) => {
    const { accounts, sessions, audit } = given.stores;
    await accounts.add([{ ...ACCOUNT, id: similar, username: similar, usernameKey: similar }], CONTEXT);
    const session = given.newSession({ sid: similar, accountId: similar });
    expect(await sessions.start(session, null, IDLE_SINCE, CONTEXT)).toHaveProperty('sid', session.sid);

    expect(await accounts.find(similar)).not.toBeNull();
    for (const find of [accounts.find, accounts.findCredentials, accounts.findById, sessions.findBySid]) {
      expect(await find(text)).toBeNull();
    }
    expect(await allRows(sessions.pages(text))).toEqual([]);
    expect(await allRows(audit.pages({ account: text, limit: 10 }))).toEqual([]);
    for (const choice of [
      { sids: [text] },
      { sids: [similar], accountId: text },
      { sid: text, redeemedBy: similar },
      { accountId: text },
    ]) {
      expect(await sessions.end(choice, 'signed out', CONTEXT)).toBe(0);
    }
    expect(await sessions.end({ sids: [text, similar] }, 'signed out', CONTEXT)).toBe(1);
  });

  test('start a session although the User-Agent is a text that PostgreSQL can’t store', async () => {
    await given.stores.accounts.add([ACCOUNT], CONTEXT);
    const session = given.newSession({ userAgent: 'Browser\0\ud83d' });
    expect(await given.stores.sessions.start(session, null, IDLE_SINCE, CONTEXT)).toHaveProperty(
      'sid',
      session.sid,
    );
    const [listed] = await allRows(given.stores.sessions.pages(ADA.id));
    expect(listed?.userAgent).toMatch(/^Browser/);
  });

  test('count a failed sign-in although its detail is a text that PostgreSQL can’t store', async () => {
    const failure = { usernameHash: randomBytes(32), accountId: null, detail: 'by\0\ud83d' };
    expect(await given.stores.loginFailures.add(failure, LIMITS, CONTEXT)).toBeNull();
    expect(await given.detailsOf('login failed')).toEqual([expect.stringMatching(/^by/)]);
  });

  test('record an event although its detail is a text that PostgreSQL can’t store', async () => {
    await given.stores.audit.add({ kind: 'login throttled', detail: 'by\0\ud83d' }, CONTEXT);
    expect(await given.detailsOf('login throttled')).toEqual([expect.stringMatching(/^by/)]);
  });
}
