/** A new sign-in in the same SSO session: the app session goes on under a new value, and says more. */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeSso } from './fake-sso.fixture.ts';
import type { SessionDemands } from './index.ts';
import { cookieOf, type Site, startSite } from './real-site.fixture.ts';
import { ACCOUNT, newDatabase, ORIGIN, serve } from './seeded-session.fixture.ts';

const CODE = ['pwd', 'otp', 'mfa'];

/** An app, and an SSO service that says of a sign-in what the test wants. */
async function serveBesideFake() {
  const now = Math.floor(Date.now() / 1000);
  let passed = 0;
  const clock = () => (now + passed) * 1000;
  const sso = await fakeSso(clock);
  const lines: string[] = [];
  const app = await serve({ database: newDatabase(), ssoServerUrl: sso.url, clock });
  app.addHook('onError', async (_request, _reply, error) => {
    lines.push(String('logReason' in error ? error.logReason : error));
  });
  const ended: string[] = [];
  app.sso.onSessionEnded((sid) => ended.push(sid));
  /** Step 4. */
  const redeem = async (signIn: object, cookie = '', sid = 's1') => {
    sso.signIn = () => signIn;
    return await app.inject({
      method: 'POST',
      url: '/session',
      headers: { origin: ORIGIN, cookie },
      payload: { token: await sso.authenticationToken(sid) },
    });
  };
  const ask = async (cookie: string, demands: SessionDemands = {}) => {
    try {
      return await app.sso.requireSession({ method: 'GET', headers: { cookie } }, demands);
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const advance = (seconds: number) => {
    passed += seconds;
  };
  return { app, now, lines, ended, redeem, ask, advance };
}

describe('step 4', () => {
  it('stores when and how the person signed in, and the groups', async () => {
    const { now, redeem, ask } = await serveBesideFake();
    const started = await redeem({ auth_time: now - 60, amr: CODE, groups: ['admins', 'staff'] });
    expect(started.statusCode).toBe(201);
    expect(await ask(cookieOf(started), { maxAge: 60, factors: 2, group: 'staff' })).toMatchObject({
      account: ACCOUNT,
      authenticatedAt: (now - 60) * 1000,
      amr: CODE,
      groups: ['admins', 'staff'],
    });
  });

  it('counts a sign-in that the SSO service’s clock puts in the future as one of now', async () => {
    const { now, redeem, ask, advance } = await serveBesideFake();
    const cookie = cookieOf(await redeem({ auth_time: now + 3600, amr: ['pwd'], groups: [] }));
    expect(await ask(cookie, { maxAge: 60 })).toMatchObject({ authenticatedAt: now * 1000 });
    advance(120);
    expect(await ask(cookie, { maxAge: 60 })).toBe('insufficient-user-authentication');
  });

  it.each([
    [
      'nothing, like an SSO service of the previous version',
      { auth_time: undefined, amr: undefined, groups: undefined },
    ],
    ['another kind of sign-in', { amr: ['hwk'] }],
    ['two factors without saying so', { amr: ['pwd', 'otp'] }],
    ['no time', { auth_time: null }],
    ['a group that isn’t a plain name', { groups: ['staff admins'] }],
  ])('starts no session if the SSO service says %s of the sign-in', async (_what, changes) => {
    const { now, redeem, lines } = await serveBesideFake();
    const answer = await redeem({ auth_time: now, amr: ['pwd'], groups: [], ...changes });
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'sso-unavailable']);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(lines.join()).toContain('is the SSO service older than this app?');
  });
});

describe('step 4 for the same SSO session', () => {
  it('after a new sign-in meets what the old one didn’t [T-STEPUP-01]', async () => {
    const { now, redeem, ask, advance } = await serveBesideFake();
    const demands = { maxAge: 600, factors: 2 } as const;
    const older = cookieOf(await redeem({ auth_time: now - 3600, amr: ['pwd'], groups: [] }));
    expect(await ask(older, demands)).toBe('insufficient-user-authentication');
    advance(5);
    const newer = cookieOf(await redeem({ auth_time: now + 5, amr: CODE, groups: [] }, older));
    expect(await ask(newer, demands)).toMatchObject({ sid: 's1', amr: CODE });
  });

  it('changes the cookie, so that a stolen one gains nothing from it [T-STEPUP-02]', async () => {
    const { now, redeem, ask } = await serveBesideFake();
    const stolen = cookieOf(await redeem({ auth_time: now - 3600, amr: ['pwd'], groups: [] }));
    const own = cookieOf(await redeem({ auth_time: now, amr: CODE, groups: ['staff'] }, stolen));
    expect(own).not.toBe(stolen);
    expect(await ask(stolen)).toBe('not-signed-in');
    expect(await ask(stolen, { group: 'staff' })).toBe('not-signed-in');
  });

  it('raises no other session: each describes the sign-in with which it started', async () => {
    const { now, redeem, ask } = await serveBesideFake();
    const weak = { auth_time: now - 3600, amr: ['pwd'], groups: [] };
    const other = cookieOf(await redeem(weak));
    const own = cookieOf(await redeem(weak));
    await redeem({ auth_time: now, amr: CODE, groups: [] }, own);
    expect(await ask(other, { factors: 2 })).toBe('insufficient-user-authentication');
  });

  it('ends no connection: onSessionEnded isn’t called [T-STEPUP-03]', async () => {
    const { now, redeem, ended } = await serveBesideFake();
    const older = cookieOf(await redeem({ auth_time: now - 3600, amr: ['pwd'], groups: [] }));
    await redeem({ auth_time: now, amr: CODE, groups: [] }, older);
    const another = cookieOf(await redeem({ auth_time: now, amr: CODE, groups: [] }, '', 's2'));
    await redeem({ auth_time: now, amr: CODE, groups: [] }, another, 's3');
    // Ends are reported in order, so none is outstanding once a later one is reported.
    await expect.poll(() => ended, { timeout: 5000 }).toEqual(['s2']);
  });

  it('lowers the session again if the latest sign-in had fewer factors', async () => {
    const { now, redeem, ask } = await serveBesideFake();
    const strong = cookieOf(await redeem({ auth_time: now - 60, amr: CODE, groups: ['staff'] }));
    const weak = cookieOf(await redeem({ auth_time: now, amr: ['pwd'], groups: [] }, strong));
    expect(await ask(weak, { factors: 2 })).toBe('insufficient-user-authentication');
    expect(await ask(weak, { group: 'staff' })).toBe('not-permitted');
  });
});

describe('a new sign-in at the real SSO service', () => {
  let offset = 0;
  let site: Site;
  beforeAll(async () => {
    site = await startSite(() => Date.now() + offset);
  });
  afterAll(() => site.close());

  it('keeps the sid, and answers an app’s demand for a recent one [T-STEPUP-01]', async () => {
    const clock = () => Date.now() + offset;
    const [foo, lorem] = [await site.newApp({ clock }), await site.newApp({ clock })];
    const ended: string[] = [];
    lorem.app.sso.onSessionEnded((sid) => ended.push(sid));
    const require = (cookie: string, { app } = foo, demands: SessionDemands = { maxAge: 600 }) =>
      app.sso.requireSession({ method: 'GET', headers: { cookie } }, demands);
    const older = cookieOf(await foo.redeem(await foo.newToken()));
    const elsewhere = cookieOf(await lorem.redeem(await lorem.newToken()));
    const { sid } = await require(older);
    offset += 900_000;
    await expect(require(older)).rejects.toMatchObject({ code: 'insufficient-user-authentication' });

    await site.signInAgain();
    const token = await foo.newToken();
    expect(decodeJwt(token)['sid']).toBe(sid);
    const newer = cookieOf(await foo.redeem(token, { cookie: older }));
    expect(await require(newer)).toMatchObject({ sid, amr: ['pwd'], groups: [] });

    // The other app hears nothing of it: neither a logout nor, before it renews its session, the sign-in.
    expect(await require(elsewhere, lorem, {})).toMatchObject({ sid });
    await expect(require(elsewhere, lorem)).rejects.toMatchObject({
      code: 'insufficient-user-authentication',
    });
    expect(ended).toEqual([]);
  });
});
