/** A complete relying app: plugin, protected route, page. The SSO service's registry must list it. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { relyingApp } from '@samesite-sso/relying-app';
import Fastify from 'fastify';

const ssoOrigin = 'http://sso.example.localhost:4000';
const app = Fastify();

// Adds GET, POST and DELETE /session for the page, and POST /backchannel-logout for the SSO service.
await app.register(relyingApp, {
  origin: 'http://bar.app.example.localhost:4003',
  ssoOrigin,
  ssoServerUrl: 'http://127.0.0.1:4000', // only if this server can't reach the SSO service by its origin
  database: join(import.meta.dirname, 'bar.db'),
});

// A protected route: 401 unless somebody is signed in here.
app.get('/greeting', async (request) => {
  const { account } = await app.sso.requireSession(request);
  return { greeting: `Hello, ${account.displayName}!` };
});

// The page, and the package that it imports.
app.addHook('onRequest', async (_request, reply) => {
  const policy = `default-src 'self'; connect-src 'self' ${ssoOrigin}; frame-ancestors 'none'`;
  reply.header('Content-Security-Policy', policy);
  reply.header('Cache-Control', 'no-store'); // so that the back button can't show a signed-out person
});
const browserPackage = dirname(fileURLToPath(import.meta.resolve('@samesite-sso/browser')));
const page = { root: join(import.meta.dirname, 'page'), cacheControl: false };
const sso = { root: browserPackage, prefix: '/sso/', cacheControl: false, decorateReply: false };
await app.register(fastifyStatic, page);
await app.register(fastifyStatic, sso);

await app.listen({ host: '127.0.0.1', port: 4003 });
