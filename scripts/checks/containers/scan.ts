/** Scans containers from the inside, as their own processes see them, and expects no violations. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLockFile, readManifests, runtimePackages } from '../supply-chain/workspace.ts';
import { demo, type Project, scaled } from './compose.ts';
import { findViolations } from './container-rules.ts';
import type { Facts } from './facts.ts';
import { inspectNginx, inspectPostgres } from './other-programs.ts';

const script = readFileSync(join(import.meta.dirname, 'facts.ts'), 'utf8');
const NODE_ON_STDIN = ['node', '--input-type=module-typescript', '-'];
const DEMO_APPS = ['apps/foo', 'apps/lab', 'apps/sso'];

/** Each container of the demo. */
export function scanDemo(): void {
  for (const server of ['sso', 'foo', 'lorem']) scanRunning(demo, server, DEMO_APPS, []);
  scanRunning(demo, 'lab', DEMO_APPS, ['/lab']);
  scanEnded(demo, 'accounts', []);
}

/** Each container of the demo with several instances. */
export function scanScaled(): void {
  for (const server of ['sso-1', 'sso-2', 'foo-1', 'foo-2', 'lorem']) {
    scanRunning(scaled, server, DEMO_APPS, []);
  }
  scanEnded(scaled, 'accounts', []);
  scanEnded(scaled, 'secrets', ['/secrets']);
  inspectNginx(scaled);
  inspectPostgres(scaled);
}

/** The SSO service in production. Its image contains nothing of an app, of the lab, or of the demo. */
export function scanProduction(project: Project): void {
  const { files } = scanRunning(project, 'sso', ['apps/sso'], null);
  assert.deepEqual(
    files.filter((path) =>
      /^(scripts\/|apps\/foo\/(server|dist)\/|apps\/lab\/|.*\.compose\.json$)/.test(path),
    ),
    [],
  );
}

function scanRunning(
  project: Project,
  service: string,
  apps: readonly string[],
  writableDemoFolders: readonly string[] | null,
): Facts {
  const found = project.outputOf(['exec', '-T', service, ...NODE_ON_STDIN], script);
  return scan(service, found, apps, writableDemoFolders);
}

/** Starts another container of the service: its own has ended. */
function scanEnded(project: Project, service: string, writableDemoFolders: readonly string[]): void {
  const run = ['run', '--rm', '--no-deps', '--no-TTY', service];
  scan(service, project.outputOf([...run, ...NODE_ON_STDIN], script), DEMO_APPS, writableDemoFolders);
}

function scan(
  name: string,
  found: string,
  apps: readonly string[],
  writableDemoFolders: readonly string[] | null,
): Facts {
  const facts: Facts = JSON.parse(found);
  const expected = runtimePackages(readLockFile(), readManifests(), apps);
  assert.deepEqual(findViolations(facts, expected, writableDemoFolders), [], name);
  const { processes, packages } = facts;
  console.log(`No violations in ${name}: ${processes.length} processes, ${packages.length} packages.`);
  return facts;
}
