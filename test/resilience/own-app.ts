/**
 * An app of the test's own, ipsum: it publishes a key, asks the SSO service about tokens as any app's server does,
 * and hears of logouts. Everything that foo and lorem do behind their doors is in a test's hands here.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { APP_PATHS, CLIENT_ASSERTION_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import { type Answer, ask } from './answer.ts';
import type { Party } from './person.ts';

export interface OwnApp extends Party {
  /** What the registry says of it. */
  readonly entry: { origin: string; name: string; server: string };
  /** The SSO session ids of the logouts it was told of, in order; one that was told twice stands here twice. */
  readonly loggedOut: string[];
  /** How it answers a logout, once it has read it; at first with 200. */
  answerLogout: (response: ServerResponse) => void;
  /** Step 4, unseen by the page: asks the SSO service who a token stands for. */
  introspect(sso: Party, token: string, assertion?: string): Promise<Answer>;
  /** Proves that it is this app, once. */
  clientAssertion(sso: Party): Promise<string>;
}

export async function startOwnApp(): Promise<OwnApp> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const kid = randomUUID();
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' }] });

  const listener: RequestListener = async (request, response) => {
    if (request.url !== APP_PATHS.backchannelLogout) {
      response.setHeader('content-type', 'application/json').end(keys);
      return;
    }
    const token = new URLSearchParams(await text(request)).get('logout_token') ?? '';
    app.loggedOut.push(String(decodeJwt(token)['sid']));
    app.answerLogout(response);
  };
  const server = createServer((...exchange) => void Promise.resolve(listener(...exchange)).catch(() => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const [origin, address] = [`http://ipsum.app.example.localhost:${port}`, `http://127.0.0.1:${port}`];

  const app: OwnApp = {
    origin,
    address,
    entry: { origin, name: 'Ipsum', server: address },
    loggedOut: [],
    answerLogout: (response) => void response.writeHead(200).end(),
    clientAssertion: ({ origin: issuer }) =>
      new SignJWT({ iss: origin, sub: origin, aud: issuer, jti: randomUUID() })
        .setProtectedHeader({ alg: 'EdDSA', kid })
        .setExpirationTime('30s')
        .sign(privateKey),
    introspect: async (sso, token, assertion) =>
      await ask(sso.address + SSO_PATHS.introspection, {
        method: 'POST',
        body: new URLSearchParams({
          token,
          client_assertion_type: CLIENT_ASSERTION_TYPE,
          client_assertion: assertion ?? (await app.clientAssertion(sso)),
        }),
      }),
  };
  return app;
}
