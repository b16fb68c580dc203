/**
 * Two clients of an OpenID provider. `/app` signs in with a redirect, the code flow with PKCE, on the server
 * with `openid-client`: https://github.com/panva/openid-client. `/spa` signs in with `oidc-client-ts` in a
 * silent iframe: https://github.com/authts/oidc-client-ts. Its script comes from the comparison.
 */
import { readFileSync } from 'node:fs';
import cookie from '@fastify/cookie';
import Fastify, { type FastifyReply } from 'fastify';
import * as client from 'openid-client';
import { port, reportReady } from './program.ts';

type Settings = { issuer: string; issuerAddress: string; origin: string; secret: string; script: string };
const settings: Settings = JSON.parse(process.env['SETTINGS'] ?? '');
const { issuer, issuerAddress, origin, secret, script } = settings;
const ONE_HOUR_SECONDS = 60 * 60;

const configuration = new client.Configuration(
  {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    // Server to server, not through the relay, like our apps' introspection.
    token_endpoint: `${issuerAddress}/token`,
    jwks_uri: `${issuerAddress}/jwks`,
  },
  'app',
  secret,
);
client.allowInsecureRequests(configuration);

const pending = new Map<string, string>();
const sessions = new Map<string, string>();
const server = Fastify();
await server.register(cookie);

server.get('/app', async (request, reply) => {
  const name = sessions.get(request.cookies['session'] ?? '');
  if (name !== undefined) return html(reply, `<p>${name}</p><button>Sign out</button>`);
  const [state, verifier] = [client.randomState(), client.randomPKCECodeVerifier()];
  pending.set(state, verifier);
  const target = client.buildAuthorizationUrl(configuration, {
    redirect_uri: `${origin}/callback`,
    scope: 'openid profile',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  });
  return reply.setCookie('state', state, { path: '/', httpOnly: true }).redirect(target.href);
});

server.get('/callback', async (request, reply) => {
  const state = request.cookies['state'] ?? '';
  const checks = { pkceCodeVerifier: pending.get(state) ?? '', expectedState: state };
  const tokens = await client.authorizationCodeGrant(configuration, new URL(request.url, origin), checks);
  pending.delete(state);
  const id = crypto.randomUUID();
  sessions.set(id, tokens.claims()?.sub ?? '');
  const attributes = { path: '/', httpOnly: true, maxAge: ONE_HOUR_SECONDS };
  return reply.setCookie('session', id, attributes).redirect('/app');
});

for (const path of ['/spa', '/silent']) {
  server.get(path, async (_request, reply) =>
    html(reply, `<script type="module" src="/spa.js" data-issuer="${issuer}"></script>`),
  );
}
server.get('/spa.js', async (_request, reply) =>
  reply
    .header('cache-control', `max-age=${ONE_HOUR_SECONDS}`)
    .type('text/javascript')
    .send(readFileSync(script)),
);

function html(reply: FastifyReply, body: string): FastifyReply {
  const document = `<!doctype html><meta charset="utf-8"><title>App</title><body>${body}</body>`;
  return reply.header('cache-control', 'no-store').type('text/html').send(document);
}

await server.listen({ host: '127.0.0.1', port });
reportReady();
