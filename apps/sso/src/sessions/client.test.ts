import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { clientOf } from './client.ts';

const requestOf = (userAgent: string | undefined) =>
  ({ ip: '192.0.2.1', headers: { 'user-agent': userAgent } }) as unknown as FastifyRequest;

test('what a browser calls itself is kept as it came, if it said anything', () => {
  expect(clientOf(requestOf('Browser/1.0'))).toEqual({ address: '192.0.2.1', userAgent: 'Browser/1.0' });
  expect(clientOf(requestOf(undefined)).userAgent).toBe('');
});

test('what no browser calls itself is cut: it is stored with every session', () => {
  expect(clientOf(requestOf('x'.repeat(8000))).userAgent).toHaveLength(256);
});
