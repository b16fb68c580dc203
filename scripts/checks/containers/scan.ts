/** Looks into each container of the demo, from the place of its own process, and finds nothing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLockFile, readManifests, runtimePackages } from '../supply-chain/workspace.ts';
import { answerOf, servers } from './compose.ts';
import type { Facts } from './facts.ts';
import { findFaults } from './rules.ts';

const script = readFileSync(join(import.meta.dirname, 'facts.ts'), 'utf8');
const wanted = runtimePackages(readLockFile(), readManifests(), ['apps/foo', 'apps/sso']);
const look = ['node', '--input-type=module-typescript', '-'];

export function scanContainers(): void {
  for (const server of servers) scan(server, ['exec', '-T', server, ...look]);
  // It has ended, so that another of its kind is started.
  scan('accounts', ['run', '--rm', '--no-deps', '--no-TTY', 'accounts', ...look]);
}

function scan(name: string, command: readonly string[]): void {
  const facts: Facts = JSON.parse(answerOf(command, script));
  assert.deepEqual(findFaults(facts, wanted), [], name);
  console.log(
    `In ${name} there is nothing to find: ${facts.processes.length} processes, ${facts.packages.length} packages.`,
  );
}
