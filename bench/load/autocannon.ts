/** Does with autocannon what prepared.lua does with wrk, and prints the same JSON. */
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import type { HttpRequest } from './load.ts';

const { address, file, repetition, seconds, connections } = JSON.parse(process.argv[2] ?? '');
const requests: HttpRequest[] = JSON.parse(readFileSync(file, 'utf8'));
let position = 0;

const started = performance.now();
const instance = autocannon(
  {
    url: address,
    connections,
    duration: Math.max(1, seconds), // It counts whole seconds.
    timeout: 30,
    requests: [
      {
        setupRequest: (request) => {
          const next = requests[position % requests.length];
          position += 1;
          if (position === requests.length && repetition === 'once') setImmediate(() => instance.stop());
          return { ...request, ...next } as autocannon.Request;
        },
      },
    ],
  },
  (_error, { requests: { total }, errors, non2xx, timeouts, latency }) => {
    const result = {
      responses: total,
      seconds: (performance.now() - started) / 1000,
      failures: errors + non2xx + timeouts,
      p50Ms: latency.p50,
      p99Ms: latency.p99,
      maxMs: latency.max,
    };
    console.log(JSON.stringify(result));
  },
);
process.on('SIGINT', () => instance.stop());
