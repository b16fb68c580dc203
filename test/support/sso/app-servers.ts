/** An SSO service without a port, and the requests of two apps that publish their keys over HTTP. */
import { startTestApp } from '../test-app.ts';
import { FOO, LOREM, SSO, testService } from './test-service.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export async function withApps(settings: Parameters<typeof testService>[0] = {}) {
  const clock = () => service.clock.now;
  const foo = await startTestApp({ origin: FOO, clock });
  const lorem = await startTestApp({ origin: LOREM, clock, algorithm: 'ES256' });
  const apps = [
    { origin: FOO, name: 'Foo', server: foo.server },
    { origin: LOREM, name: 'Lorem', server: lorem.server },
  ];
  const service = await testService({ apps, ...settings });

  const assertion = (app: string, claims: Record<string, unknown> = {}, signer = app === FOO ? foo : lorem) =>
    signer.clientAssertion({ origin: SSO }, { iss: app, sub: app, ...claims });
  const postForm = (url: string, form: Record<string, string>, to = service.app) =>
    to.inject({ method: 'POST', url, headers: FORM, payload: new URLSearchParams(form).toString() });
  const postToken = (form: Record<string, string>, to = service.app) => postForm('/introspect', form, to);
  const introspect = async (token: string, app = FOO, to = service.app) =>
    postToken({ token, client_assertion_type: ASSERTION_TYPE, client_assertion: await assertion(app) }, to);
  const endSession = async (sid: string, app = FOO, to = service.app) => {
    const client_assertion = await assertion(app);
    return postForm('/end-session', { sid, client_assertion_type: ASSERTION_TYPE, client_assertion }, to);
  };
  return { ...service, assertion, postToken, introspect, endSession, postForm, now: () => clock() / 1000 };
}
