import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { readAddress, readClient } from './client.ts';

const requestOf = (userAgent: string | undefined) =>
  ({ ip: '192.0.2.1', headers: { 'user-agent': userAgent } }) as unknown as FastifyRequest;

test('what a browser calls itself is kept as it came, if it said anything', () => {
  expect(readClient(requestOf('Browser/1.0'))).toMatchObject({
    address: '192.0.2.1',
    userAgent: 'Browser/1.0',
  });
  expect(readClient(requestOf(undefined)).userAgent).toBe('');
});

test('what no browser calls itself is cut: it is stored with every session', () => {
  expect(readClient(requestOf('x'.repeat(8000))).userAgent).toHaveLength(256);
});

test('an IPv4 address has one notation, on whatever socket it came', () => {
  const socket = { remoteAddress: '10.0.0.1' } as FastifyRequest['socket'];
  expect(readAddress({ ip: '::ffff:192.0.2.1', socket })).toBe('192.0.2.1');
  expect(readAddress({ ip: '2001:db8::1', socket })).toBe('2001:db8::1');
});

test.each([
  ['192.0.2.1:4711', '192.0.2.1'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['[2001:db8::1]', '10.0.0.1'],
  ['[192.0.2.1:4711', '192.0.2.1'],
])('a proxy may name the port, too: %s is %s', (ip, address) => {
  const socket = { remoteAddress: '10.0.0.1' } as FastifyRequest['socket'];
  expect(readAddress({ ip, socket })).toBe(address);
});

test.each(['unknown', 'unknown:4711', '_hidden', '192.0.2.256', '<script>'])(
  'what a proxy names but is no address, %s, is not believed',
  (ip) => {
    const socket = { remoteAddress: '::ffff:10.0.0.1' } as FastifyRequest['socket'];
    expect(readAddress({ ip, socket })).toBe('10.0.0.1');
  },
);
