/**
 * A relying app's server that the test controls: it publishes a key, authenticates at the SSO service,
 * introspects tokens, and records the logout tokens that it receives.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { APP_PATHS, CLIENT_ASSERTION_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import type { AtEnd } from './at-end.ts';
import type { Party } from './browser.ts';
import { postForm } from './http.ts';
import { listen } from './listen.ts';

export type TestApp = Awaited<ReturnType<typeof startTestApp>>;

/**
 * @param origin by default that of ipsum, an app on a port of its own
 * @param port where it listens; by default any free one
 * @param atEnd registers its end, by default with the running test
 */
export async function startTestApp({
  origin: givenOrigin,
  algorithm = 'EdDSA',
  port: givenPort = 0,
  clock = Date.now,
  atEnd = onTestFinished,
}: {
  origin?: string;
  algorithm?: 'EdDSA' | 'ES256' | 'RS256';
  port?: number;
  clock?: () => number;
  atEnd?: AtEnd;
} = {}) {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const kid = `${algorithm} key`;
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: algorithm }] });

  const server = createServer(async (request, response) => {
    if (request.url === APP_PATHS.keys) {
      response.setHeader('content-type', 'application/json').end(keys);
    } else if (request.url === APP_PATHS.backchannelLogout) {
      const form = await text(request).catch(() => ''); // The SSO service may be killed while it sends.
      app.tokens.push(new URLSearchParams(form).get('logout_token') ?? '');
      app.answer(response);
    } else {
      // The target of a redirect that the SSO service must not follow.
      response.writeHead(request.url === '/elsewhere' ? 200 : 404).end();
    }
  });
  const { url, port, close } = await listen(server, givenPort);
  atEnd(close);
  const origin = givenOrigin ?? `http://ipsum.app.example.localhost:${port}`;

  /** A client assertion signed with its key. */
  const clientAssertion = (sso: Pick<Party, 'origin'>, claims: Record<string, unknown> = {}) => {
    const exp = Math.floor(clock() / 1000) + 30;
    return new SignJWT({ iss: origin, sub: origin, aud: sso.origin, jti: randomUUID(), exp, ...claims })
      .setProtectedHeader({ alg: algorithm, kid })
      .sign(privateKey);
  };
  const tokens: string[] = [];
  const app = {
    origin,
    /** Where the SSO service reaches it. */
    server: url,
    port,
    /** The logout tokens that it received, in order. */
    tokens,
    /** The SSO session ids that they name. */
    sids: () => tokens.map((token) => String(decodeJwt(token)['sid'])),
    /** Responds to a logout token that was read; by default with 200. */
    answer: (response: ServerResponse): void => void response.writeHead(200).end(),
    clientAssertion,
    introspect: async (sso: Party, token: string, assertion?: string) =>
      postForm(sso, SSO_PATHS.introspection, {
        token,
        client_assertion_type: CLIENT_ASSERTION_TYPE,
        client_assertion: assertion ?? (await clientAssertion(sso)),
      }),
    stop: close,
  };
  return app;
}
