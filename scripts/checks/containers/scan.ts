/** Scans containers from the inside, as their own processes see them, and expects no violations. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLockFile, readManifests, runtimePackages } from '../supply-chain/workspace.ts';
import { outputOf, type Project, servers } from './compose.ts';
import { findViolations, type LabFolder } from './container-rules.ts';
import type { Facts } from './facts.ts';

const script = readFileSync(join(import.meta.dirname, 'facts.ts'), 'utf8');
const NODE_ON_STDIN = ['node', '--input-type=module-typescript', '-'];

/** Each container of the demo. */
export function scanDemo(): void {
  const apps = ['apps/foo', 'apps/lab', 'apps/sso'];
  for (const server of servers) {
    const found = outputOf(['exec', '-T', server, ...NODE_ON_STDIN], script);
    scan(server, found, apps, server === 'lab' ? 'writable' : 'read-only');
  }
  // This container has ended, so another one of the same service is started.
  const accounts = outputOf(['run', '--rm', '--no-deps', '--no-TTY', 'accounts', ...NODE_ON_STDIN], script);
  scan('accounts', accounts, apps, 'read-only');
}

/** The SSO service in production. Its image contains nothing of an app, of the lab, or of the demo. */
export function scanProduction({ outputOf }: Project): void {
  const { files } = scan('sso in production', outputOf(['exec', '-T', 'sso', ...NODE_ON_STDIN], script), [
    'apps/sso',
  ]);
  assert.deepEqual(
    files.filter((path) => /^(scripts|apps\/foo\/(server|dist)|apps\/lab)\//.test(path)),
    [],
  );
}

function scan(name: string, found: string, apps: readonly string[], labFolder?: LabFolder): Facts {
  const facts: Facts = JSON.parse(found);
  const expected = runtimePackages(readLockFile(), readManifests(), apps);
  assert.deepEqual(findViolations(facts, expected, labFolder), [], name);
  const { processes, packages } = facts;
  console.log(`No violations in ${name}: ${processes.length} processes, ${packages.length} packages.`);
  return facts;
}
