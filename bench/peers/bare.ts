/** The unit of most ratios: a Fastify POST route with a schema and a fixed reply. */
import Fastify from 'fastify';
import { port, reportReady } from './program.ts';

const properties = { request: { type: 'string', maxLength: 100 } };
const body = { type: 'object', properties, required: ['request'], additionalProperties: false };
const reply = { type: 'object', properties: { status: { type: 'string' } } };

const server = Fastify();
server.post('/', { schema: { body, response: { 200: reply } } }, async () => ({ status: 'signed out' }));
await server.listen({ host: '127.0.0.1', port });
reportReady();
