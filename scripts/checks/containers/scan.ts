/** Looks into containers as their own processes see them, and expects to find nothing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLockFile, readManifests, runtimePackages } from '../supply-chain/workspace.ts';
import { answerOf, type Project, servers } from './compose.ts';
import type { Facts } from './facts.ts';
import { findFaults } from './rules.ts';

const script = readFileSync(join(import.meta.dirname, 'facts.ts'), 'utf8');
const look = ['node', '--input-type=module-typescript', '-'];

/** Each container of the demo. */
export function scanDemo(): void {
  const apps = ['apps/foo', 'apps/sso'];
  for (const server of servers) scan(server, answerOf(['exec', '-T', server, ...look], script), apps);
  // It has ended, so that another of its kind is started.
  const accounts = answerOf(['run', '--rm', '--no-deps', '--no-TTY', 'accounts', ...look], script);
  scan('accounts', accounts, apps);
}

/** The SSO service in production, whose image holds nothing of an app or of the demo. */
export function scanProduction({ answerOf }: Project): void {
  const { files } = scan('sso in production', answerOf(['exec', '-T', 'sso', ...look], script), ['apps/sso']);
  assert.deepEqual(
    files.filter((path) => /^(scripts|apps\/foo\/(server|dist))\//.test(path)),
    [],
  );
}

function scan(name: string, found: string, apps: readonly string[]): Facts {
  const facts: Facts = JSON.parse(found);
  const wanted = runtimePackages(readLockFile(), readManifests(), apps);
  assert.deepEqual(findFaults(facts, wanted), [], name);
  const { processes, packages } = facts;
  console.log(
    `In ${name} there is nothing to find: ${processes.length} processes, ${packages.length} packages.`,
  );
  return facts;
}
