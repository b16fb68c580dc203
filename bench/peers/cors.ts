/** `@fastify/cors` alone, for one origin: https://github.com/fastify/fastify-cors. */
import cors from '@fastify/cors';
import Fastify from 'fastify';
import { port, reportReady } from './program.ts';

const server = Fastify();
await server.register(cors, {
  origin: process.env['ALLOWED_ORIGIN'] ?? '',
  credentials: true,
  methods: ['POST'],
  allowedHeaders: ['Content-Type'],
  maxAge: 7200,
});
server.post('/', async () => ({ status: 'signed out' }));
await server.listen({ host: '127.0.0.1', port });
reportReady();
