/** People who lose an app while the service listens: the app hears of it within the contract's limit. */
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import type { AppSettings } from '../../../../test/support/sso/registered-app.ts';
import { ADA, FOO, OPERATOR, testService } from '../../../../test/support/sso/test-service.ts';
import { startTestApp } from '../../../../test/support/test-app.ts';

/** The contract's limit. */
const WITHIN_5_S = { timeout: 5000 };

/** A service whose app foo is for this group, and ada, who is in the group and signed in at foo. */
async function listening(settings: Partial<AppSettings> = { groups: ['staff'] }) {
  const app = await startTestApp({ origin: FOO });
  const foo = { origin: FOO, name: 'Foo', server: app.server };
  const service = await testService({ apps: [{ ...foo, ...settings }] }, { clock: Date.now });
  await service.stores.groups.add('staff', [ADA.id], OPERATOR);
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  const cookie = await service.logIn();
  const requestToken = () => service.post({ request: 'authentication token' }, { cookie });
  expect((await requestToken()).statusCode).toBe(200);
  const [session] = await allRows(service.stores.sessions.pages());
  return { ...service, foo, app, server: service.app, cookie, requestToken, sid: session?.sid ?? '' };
}

describe('a person who is signed in at an app', () => {
  test('and leaves its last group is signed out there within five seconds [T-GROUP-01]', async () => {
    const { stores, app, sid, cookie, post, requestToken } = await listening();
    await stores.groups.remove('staff', [ADA.id], OPERATOR);
    const refused = await requestToken();
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'not-permitted']);
    await expect.poll(() => app.sids(), WITHIN_5_S).toEqual([sid]);
    const status = await post({ request: 'login status' }, { cookie });
    expect(status.json(), 'the SSO session goes on').toMatchObject({ status: 'signed in' });
  });

  test('and gets the group back is let in again in the same SSO session', async () => {
    const { stores, app, sid, requestToken } = await listening();
    await stores.groups.remove('staff', [ADA.id], OPERATOR);
    await expect.poll(() => app.sids(), WITHIN_5_S).toEqual([sid]);
    await stores.groups.add('staff', [ADA.id], OPERATOR);
    expect((await requestToken()).statusCode).toBe(200);
    expect((await allRows(stores.sessions.pages())).map(({ sid, apps }) => [sid, apps])).toEqual([
      [sid, [FOO]],
    ]);
  });

  test.each<[string, Partial<AppSettings>, Partial<AppSettings>]>([
    ['another group', { groups: ['staff'] }, { groups: ['admins'] }],
    ['a group', {}, { groups: ['admins'] }],
    ['a second factor', {}, { secondFactor: true }],
  ])(
    'is signed out there within five seconds when the app requires %s [T-GROUP-03]',
    async (_what, before, after) => {
      const { app, foo, sid, cookie, post, changeApps } = await listening(before);
      await changeApps([{ ...foo, ...after }]);
      await expect.poll(() => app.sids(), WITHIN_5_S).toEqual([sid]);
      const status = await post({ request: 'login status' }, { cookie });
      expect(status.json()).toMatchObject({ status: 'signed in' });
    },
  );

  test('isn’t disturbed when the app lets more people in', async () => {
    const { app, foo, stores, sid, changeApps } = await listening();
    await changeApps([{ ...foo, groups: ['admins', 'staff'] }]);
    await stores.sessions.end({ sids: [sid] }, 'signed out', OPERATOR);
    await expect.poll(() => app.sids(), WITHIN_5_S).toEqual([sid]);
    expect(await allRows(stores.audit.pages({ kind: 'app access ended', limit: 10 }))).toEqual([]);
  });
});
