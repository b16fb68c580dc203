/** A service whose two apps publish keys, and what those apps' servers send to it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import { FOO, LOREM, SSO, testService } from './test-service.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A service whose two apps publish real keys over HTTP, and what those apps' servers would send. */
export async function withApps(settings: Parameters<typeof testService>[0] = {}) {
  const foo = await publishKeys('EdDSA');
  const lorem = await publishKeys('ES256');
  const apps = [
    { origin: FOO, name: 'Foo', server: foo.server },
    { origin: LOREM, name: 'Lorem', server: lorem.server },
  ];
  const service = await testService({ apps, ...settings });
  const now = () => service.clock.now / 1000;
  let count = 0;

  const assertion = (
    app: string,
    claims: Record<string, unknown> = {},
    signer = app === FOO ? foo : lorem,
  ) => {
    count += 1;
    const all = { iss: app, sub: app, aud: SSO, jti: `assertion ${count}`, exp: now() + 30, ...claims };
    return new SignJWT(all)
      .setProtectedHeader({ alg: signer.algorithm, kid: signer.kid })
      .sign(signer.privateKey);
  };
  const post = (url: string, form: Record<string, string>, to = service.app) =>
    to.inject({ method: 'POST', url, headers: FORM, payload: new URLSearchParams(form).toString() });
  const ask = (form: Record<string, string>, to = service.app) => post('/introspect', form, to);
  const introspect = async (token: string, app = FOO, to = service.app) =>
    ask({ token, client_assertion_type: ASSERTION_TYPE, client_assertion: await assertion(app) }, to);
  const endSession = async (sid: string, app = FOO, to = service.app) => {
    const client_assertion = await assertion(app);
    return post('/end-session', { sid, client_assertion_type: ASSERTION_TYPE, client_assertion }, to);
  };
  return { ...service, assertion, ask, introspect, endSession, postForm: post, now };
}

export async function publishKeys(algorithm: 'EdDSA' | 'ES256' | 'RS256') {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const kid = `${algorithm} key`;
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: algorithm }] });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(keys);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { algorithm, kid, privateKey, server: `http://127.0.0.1:${port}` };
}
