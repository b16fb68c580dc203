/** Builds the published packages and checks their tarballs with publint and attw ("Are the types wrong?"). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packPackages } from '../build/packages-build.ts';

const publint = new URL('cli.js', import.meta.resolve('publint'));
const attw = new URL('dist/index.js', import.meta.resolve('@arethetypeswrong/cli/package.json'));

const CHECKS = [
  [publint, 'run', '--strict'],
  // The packages are ES modules only, so attw needn't resolve them as CommonJS does.
  [attw, '--profile', 'esm-only', '--no-summary', '--format', 'ascii'],
] as const;

const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-packages-'));
try {
  for (const tarball of packPackages(folder)) {
    for (const [program, ...options] of CHECKS) {
      const args = [fileURLToPath(program), ...options, tarball];
      const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
      if (status !== 0) process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
