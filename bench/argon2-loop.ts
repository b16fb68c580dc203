/** Verifies a password in a loop for the seconds given as an argument, and prints a `Load` as JSON. */
import { verifyPassword } from '../apps/sso/src/accounts/hashing/argon2.ts';
import { PASSWORD_HASH } from '../test/support/accounts.ts';
import type { Load } from './load/load.ts';
import { quartiles } from './statistics.ts';

const startedAtMs = performance.now();
const endsAtMs = startedAtMs + Number(process.argv[2]) * 1000;
const durationsMs: number[] = [];
for (let now = startedAtMs; now < endsAtMs; ) {
  await verifyPassword(PASSWORD_HASH, 'correct horse battery staple');
  durationsMs.push(performance.now() - now);
  now = performance.now();
}
const sorted = durationsMs.toSorted((one, other) => one - other);
const load: Load = {
  responses: durationsMs.length,
  seconds: (performance.now() - startedAtMs) / 1000,
  failures: 0,
  p50Ms: quartiles(durationsMs).median,
  p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
  maxMs: sorted.at(-1) ?? Number.NaN,
};
console.log(JSON.stringify(load));
