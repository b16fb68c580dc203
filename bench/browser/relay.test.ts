import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { forward, ROUND_TRIP_MS } from './relay.ts';

const ONE_WAY_MS = ROUND_TRIP_MS / 2;
/** Timers have whole milliseconds. */
const TOLERANCE_MS = 1;

test('bytes arrive half a round trip after they were sent, and in their order', async () => {
  const [from, to] = [new PassThrough(), new PassThrough()];
  forward(from, to, performance.now());
  const sentAtMs = performance.now();
  from.write('first, ');
  from.end('second');
  await once(to, 'readable');
  expect(performance.now() - sentAtMs).toBeGreaterThanOrEqual(ONE_WAY_MS - TOLERANCE_MS);
  expect((await to.toArray()).join('')).toBe('first, second');
});

test('bytes that are sent during the handshake wait for its end', async () => {
  const [from, to] = [new PassThrough(), new PassThrough()];
  const sentAtMs = performance.now();
  forward(from, to, sentAtMs + ROUND_TRIP_MS);
  from.end('request');
  await once(to, 'readable');
  expect(performance.now() - sentAtMs).toBeGreaterThanOrEqual(ROUND_TRIP_MS + ONE_WAY_MS - TOLERANCE_MS);
});
