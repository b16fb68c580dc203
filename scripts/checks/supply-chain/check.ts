/**
 * Applies the rules of dependency-rules.ts to this workspace and, except for licenses, to bench/, whose
 * packages aren't installed here. It needs the network only if npx must download pnpm, which reads the
 * licenses of the installed packages.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../../node24.mjs';
import {
  findDeprecated,
  findRanges,
  findSeveralVersions,
  findUnhashed,
  findUnlicensed,
  type Licenses,
  RUNTIME_LICENSES,
  TOOL_LICENSES,
} from './dependency-rules.ts';
import { readLockFile, readManifests } from './workspace.ts';

const locks = [readLockFile(), readLockFile('bench')];
const violations = [
  ...findRanges(readManifests()),
  ...locks.flatMap(findUnhashed),
  ...locks.flatMap(findDeprecated),
  ...locks.flatMap(findSeveralVersions),
  ...findUnlicensed(readLicenses('--prod'), RUNTIME_LICENSES),
  ...findUnlicensed(readLicenses('--dev'), TOOL_LICENSES),
];
for (const violation of violations) console.error(violation);
if (violations.length > 0) process.exitCode = 1;

function readLicenses(kind: '--prod' | '--dev'): Licenses {
  const { packageManager } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8'));
  const command = ['-y', packageManager, '--recursive', 'licenses', 'list', kind, '--json'];
  const shell = process.platform === 'win32';
  const { stdout } = spawnSync('npx', command, { cwd: workspace, encoding: 'utf8', shell });
  return JSON.parse(stdout);
}
