/**
 * `@fastify/secure-session`, a session in an encrypted cookie:
 * https://github.com/fastify/fastify-secure-session.
 */
import { randomBytes } from 'node:crypto';
import secureSession from '@fastify/secure-session';
import Fastify from 'fastify';
import { port, reportReady } from './program.ts';

declare module '@fastify/secure-session' {
  interface SessionData {
    account: { id: string; username: string; displayName: string };
  }
}

const server = Fastify();
await server.register(secureSession, { key: randomBytes(32), cookie: { path: '/', httpOnly: true } });
server.post('/login', async (request) => {
  request.session.set('account', { id: crypto.randomUUID(), username: 'ada', displayName: 'Ada Lovelace' });
  return { status: 'signed in' };
});
server.get('/', async (request, reply) => {
  const account = request.session.get('account');
  return account === undefined ? reply.code(401).send() : { status: 'signed in', account };
});
await server.listen({ host: '127.0.0.1', port });
reportReady();
