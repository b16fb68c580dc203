import { describe, expect, test } from 'vitest';
import { localServer } from '../../../../test/support/local-server.fixture.ts';
import { ASSERTION_TYPE, withApps } from '../../../../test/support/sso/app-servers.ts';
import { FOO, LOREM, SSO } from '../../../../test/support/sso/test-service.ts';
import { startTestApp } from '../../../../test/support/test-app.ts';

async function withToken() {
  const service = await withApps();
  const cookie = await service.logIn();
  const issue = async () =>
    (await service.post({ request: 'authentication token' }, { cookie })).json().token;
  const [foo, lorem] = service.config.apps;
  if (foo === undefined || lorem === undefined) throw new Error('two apps are expected');
  return { ...service, issue, foo, lorem };
}

describe('the server of an app that was removed from the registry', () => {
  test('is no longer authenticated, and so can neither redeem nor end anything [T-CRASH-08]', async () => {
    const { issue, introspect, endSession, changeApps, lorem, foo } = await withToken();
    const [redeemed, kept] = [await issue(), await issue()];
    const { sid } = (await introspect(redeemed)).json();
    await changeApps([lorem]);
    for (const response of [await introspect(kept), await endSession(sid)]) {
      expect(response.statusCode).toBe(401);
      expect(response.json()).toEqual({ error: 'invalid_client' });
    }
    await changeApps([lorem, foo]);
    expect((await introspect(kept)).json()).toMatchObject({ active: true, sid });
  });

  test('is not authenticated either if its keys were being fetched meanwhile [T-CRASH-08]', async () => {
    const { issue, postToken, changeApps, now, lorem } = await withToken();
    const app = await startTestApp({ origin: FOO, clock: () => now() * 1000 });
    const asked = Promise.withResolvers<() => void>();
    const { url } = await localServer(async (request, response) => {
      const keys = await fetch(`${app.server}${request.url}`);
      const body = await keys.text();
      asked.resolve(() => void response.end(body));
    });
    await changeApps([{ origin: FOO, name: 'Foo', server: url }, lorem]);
    const form = { token: await issue(), client_assertion_type: ASSERTION_TYPE };
    const response = postToken({ ...form, client_assertion: await app.clientAssertion({ origin: SSO }) });
    const sendKeys = await asked.promise;
    await changeApps([lorem]);
    sendKeys();
    expect((await response).statusCode).toBe(401);
  });
});

test('an app that moves to another server is authenticated by the keys of that one alone', async () => {
  const { issue, introspect, postToken, changeApps, now, foo, lorem } = await withToken();
  expect((await introspect(await issue())).json()).toMatchObject({ active: true });
  const moved = await startTestApp({ origin: FOO, clock: () => now() * 1000, algorithm: 'ES256' });
  await changeApps([{ ...foo, server: moved.server }, lorem]);
  expect((await introspect(await issue())).statusCode, 'the old server signs').toBe(401);
  const client_assertion = await moved.clientAssertion({ origin: SSO });
  const form = { token: await issue(), client_assertion_type: ASSERTION_TYPE, client_assertion };
  expect((await postToken(form)).json()).toMatchObject({ active: true });
});

test('a change of one app doesn’t make the service fetch the keys of others again', async () => {
  const { issue, introspect, changeApps, foo, lorem } = await withToken();
  let fetches = 0;
  const { url } = await localServer(async (request, response) => {
    fetches += 1;
    response.end(await (await fetch(`${foo.server}${request.url}`)).text());
  });
  const counted = { ...foo, server: url };
  await changeApps([counted, lorem]);
  await introspect(await issue());
  await changeApps([counted, { ...lorem, name: 'Ipsum' }, { ...lorem, origin: LOREM.replace('lorem', 'x') }]);
  await introspect(await issue());
  expect(fetches).toBe(1);
});
