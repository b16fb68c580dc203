import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { ASSERTION_TYPE, withApps } from '../../../../test/support/sso/app-servers.ts';
import { FOO, LOREM } from '../../../../test/support/sso/test-service.ts';
import { createSsoService } from '../app.ts';

/** A service where ada is signed in. */
async function signedIn() {
  const service = await withApps();
  const cookie = await service.logIn();
  const status = async () => (await service.post({ request: 'login status' }, { cookie })).json().status;
  const issueToken = async (origin: string): Promise<string> =>
    (await service.post({ request: 'authentication token' }, { cookie, origin })).json().token;
  /** Steps 3 and 4 at an app. @returns the `sid` that the app gets */
  const signInAt = async (appOrigin: string): Promise<string> =>
    (await service.introspect(await issueToken(appOrigin), appOrigin)).json().sid;
  return { ...service, cookie, status, issueToken, signInAt };
}

const OK = [200, '{}'];
const outcomeOf = ({ statusCode, body }: { statusCode: number; body: string }) => [statusCode, body];

test('an app can end an SSO session from which it has redeemed a token, and all get notices', async () => {
  const service = await signedIn();
  const sid = await service.signInAt(FOO);
  await service.signInAt(LOREM);
  const answer = await service.endSession(sid);
  expect(outcomeOf(answer)).toEqual(OK);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(await service.status()).toBe('signed out');
  for (const app of [FOO, LOREM]) {
    expect(await service.stores.logoutNotices.due(app, 'a test', service.clock.now, 10)).toMatchObject([
      { app, sid },
    ]);
  }
});

test('the audit trail names the app that ended the session', async () => {
  const service = await signedIn();
  await service.endSession(await service.signInAt(FOO));
  const records = await allRows(service.stores.audit.pages({ kind: 'session ended', limit: 10 }));
  expect(records).toMatchObject([
    { actor: FOO, username: 'ada', detail: 'signed out', address: '127.0.0.1' },
  ]);
});

test('an app gets the same response when the session has ended or never existed', async () => {
  const service = await signedIn();
  const sid = await service.signInAt(FOO);
  const sids = [sid, sid, 'unheard of', 'x'.repeat(65), 'x'.repeat(2000), `${sid} `, '\u0000', "' OR 1=1 --"];
  const outcomes = [];
  for (const each of sids) outcomes.push(outcomeOf(await service.endSession(each)));
  expect(outcomes).toEqual(Array(sids.length).fill(OK));
  expect(await allRows(service.stores.audit.pages({ kind: 'session ended', limit: 10 }))).toHaveLength(1);
});

describe('an app can’t end an SSO session', () => {
  test('from which it got no token', async () => {
    const service = await signedIn();
    const sid = await service.signInAt(LOREM);
    expect(outcomeOf(await service.endSession(sid, FOO))).toEqual(OK);
    expect(await service.status()).toBe('signed in');
    expect(await allRows(service.stores.audit.pages({ kind: 'session ended', limit: 10 }))).toEqual([]);
  });

  test('from which it got a token that it hasn’t redeemed', async () => {
    const service = await signedIn();
    const sid = await service.signInAt(LOREM);
    const token = await service.issueToken(FOO);
    await service.endSession(sid, FOO);
    await service.introspect(token, LOREM); // Another app's introspection redeems nothing.
    await service.endSession(sid, FOO);
    expect(await service.status()).toBe('signed in');
    await service.introspect(token, FOO);
    await service.endSession(sid, FOO);
    expect(await service.status()).toBe('signed out');
  });

  test('of the same person in another browser', async () => {
    const service = await signedIn();
    const cookie = await service.logIn();
    await service.endSession(await service.signInAt(FOO));
    expect((await service.post({ request: 'login status' }, { cookie })).json().status).toBe('signed in');
  });

  test.each(['client_assertion', 'client_assertion_type'])('without %s', async (name) => {
    const service = await signedIn();
    const form: Record<string, string> = {
      sid: await service.signInAt(FOO),
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await service.assertion(FOO),
    };
    delete form[name];
    expect(outcomeOf(await service.postForm('/end-session', form))).toEqual([
      401,
      '{"error":"invalid_client"}',
    ]);
    expect(await service.status()).toBe('signed in');
  });

  test('by an assertion that was used before, here or for introspection, even after a restart', async () => {
    const service = await signedIn();
    const sid = await service.signInAt(FOO);
    const [once, twice] = [await service.assertion(FOO), await service.assertion(FOO)];
    const form = (client_assertion: string, sid: string) => ({
      sid,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion,
    });
    await service.postToken({ token: 'junk', ...form(once, 'x') });
    await service.postForm('/end-session', form(twice, 'another'));
    await service.app.close();
    const restarted = await createSsoService(service.config, () => service.clock.now);
    for (const assertion of [once, twice]) {
      const answer = await service.postForm('/end-session', form(assertion, sid), restarted);
      expect(outcomeOf(answer)).toEqual([401, '{"error":"invalid_client"}']);
    }
    await restarted.close();
    expect(await service.stores.sessions.findBySid(sid)).not.toBeNull();
  });

  test('without a sid or with two of them [T-SIGNOUT-10]', async () => {
    const service = await signedIn();
    const sid = await service.signInAt(FOO);
    for (const more of ['', '&sid=', `&sid=${sid}&sid=${sid}`, `&SID=${sid}`]) {
      const client_assertion = await service.assertion(FOO);
      const form = new URLSearchParams({ client_assertion_type: ASSERTION_TYPE, client_assertion });
      const answer = await service.app.inject({
        method: 'POST',
        url: '/end-session',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: `${form}${more}`,
      });
      expect(outcomeOf(answer)).toEqual([400, '{"error":"invalid_request"}']);
    }
    expect(await service.status()).toBe('signed in');
  });
});

test('the end-session endpoint has no CORS header, no preflight, and reads forms only', async () => {
  const { app } = await withApps();
  const url = '/end-session';
  const origin = { origin: FOO, 'access-control-request-method': 'POST' };
  for (const [method, status] of [
    ['GET', 405],
    ['HEAD', 405],
    ['DELETE', 405],
    ['OPTIONS', 405],
  ] as const) {
    const answer = await app.inject({ method, url, headers: origin });
    expect([method, answer.statusCode]).toEqual([method, status]);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
  const json = await app.inject({ method: 'POST', url, headers: origin, payload: { sid: 'x' } });
  expect(outcomeOf(json)).toEqual([401, '{"error":"invalid_client"}']);
  expect(json.headers['access-control-allow-origin']).toBeUndefined();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const large = await app.inject({ method: 'POST', url, headers: type, payload: `sid=${'x'.repeat(5000)}` });
  expect([large.statusCode, large.json().code]).toEqual([413, 'too-large']);
});
