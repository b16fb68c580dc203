/**
 * Does with autocannon what prepared.lua does with wrk, and prints the same JSON. It makes no pauses, because
 * autocannon can only limit the rate, and then sends in bursts.
 */
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import type { HttpRequest } from '../requests.ts';

const { address, file, repetition, seconds, connections } = JSON.parse(process.argv[2] ?? '');
const requests: HttpRequest[] = JSON.parse(readFileSync(file, 'utf8'));
let clients = 0;

/**
 * With `once`, gives each connection a share of the requests, and ends the run when the first share is used
 * up.
 */
function setupClient(client: autocannon.Client): void {
  const number = clients++;
  const isOnce = repetition === 'once';
  const share = isOnce ? requests.filter((_, index) => index % connections === number) : requests;
  client.setRequests(share as autocannon.Request[]);
  let responses = 0;
  client.on('response', () => {
    responses += 1;
    if (isOnce && responses >= share.length - 1) instance.stop();
  });
}

const startedAtMs = performance.now();
const instance = autocannon(
  {
    url: address,
    connections,
    duration: Math.max(1, seconds), // autocannon counts whole seconds.
    timeout: 30,
    setupClient,
  },
  (_error, { requests: { total }, errors, non2xx, timeouts, latency }) => {
    const result = {
      responses: total,
      seconds: (performance.now() - startedAtMs) / 1000,
      failures: errors + non2xx + timeouts,
      p50Ms: latency.p50,
      p99Ms: latency.p99,
      maxMs: latency.max,
    };
    console.log(JSON.stringify(result));
  },
);
process.on('SIGINT', () => instance.stop());
