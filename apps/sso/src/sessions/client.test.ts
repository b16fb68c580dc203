import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { readAddress, readClient } from './client.ts';

const requestOf = (userAgent: string | undefined) =>
  ({ ip: '192.0.2.1', headers: { 'user-agent': userAgent } }) as unknown as FastifyRequest;

test('a client’s User-Agent is read as sent, and may be missing', () => {
  expect(readClient(requestOf('Browser/1.0'))).toMatchObject({
    address: '192.0.2.1',
    userAgent: 'Browser/1.0',
  });
  expect(readClient(requestOf(undefined)).userAgent).toBe('');
});

test('an overlong User-Agent is truncated, since every session stores it', () => {
  expect(readClient(requestOf('x'.repeat(8000))).userAgent).toHaveLength(256);
});

test('an IPv4 address is the same on IPv4 and IPv6 sockets', () => {
  const socket = { remoteAddress: '10.0.0.1' } as FastifyRequest['socket'];
  expect(readAddress({ ip: '::ffff:192.0.2.1', socket })).toBe('192.0.2.1');
  expect(readAddress({ ip: '2001:db8::1', socket })).toBe('2001:db8::1');
});

test.each([
  ['192.0.2.1:4711', '192.0.2.1'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['[2001:db8::1]', '10.0.0.1'],
  ['[192.0.2.1:4711', '192.0.2.1'],
])('a proxy’s port is removed: %s becomes %s', (ip, address) => {
  const socket = { remoteAddress: '10.0.0.1' } as FastifyRequest['socket'];
  expect(readAddress({ ip, socket })).toBe(address);
});

test.each(['unknown', 'unknown:4711', '_hidden', '192.0.2.256', '<script>'])(
  'a proxy’s value that isn’t an address, %s, is ignored [T-PROXY-01]',
  (ip) => {
    const socket = { remoteAddress: '::ffff:10.0.0.1' } as FastifyRequest['socket'];
    expect(readAddress({ ip, socket })).toBe('10.0.0.1');
  },
);
