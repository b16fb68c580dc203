/**
 * Makes of packages/*, but for the look of our own pages, what an app in another repository installs: a tarball each,
 * with JavaScript and declarations, since Node strips no types under node_modules. Here the sources run.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../node24.mjs';

const compiled = join(workspace, 'node_modules/.packages');

/** Builds each package into its own dist/ and packs it into the folder, which is emptied first. */
export function packPackages(folder: string): void {
  rmSync(compiled, { recursive: true, force: true });
  run(process.execPath, [
    join(workspace, 'node_modules/typescript/bin/tsc'),
    '--project',
    'tsconfig.packages.json',
  ]);
  const names = readdirSync(compiled);
  for (const name of names) {
    const dist = join(workspace, 'packages', name, 'dist');
    rmSync(dist, { recursive: true, force: true });
    renameSync(join(compiled, name, 'src'), dist);
  }
  rmSync(folder, { recursive: true, force: true });
  const { packageManager } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8'));
  run('npx', [
    '-y',
    packageManager,
    '--silent',
    ...names.map((name) => `--filter=./packages/${name}`),
    'pack',
    '--pack-destination',
    folder,
  ]);
}

function run(command: string, args: string[]): void {
  const shell = process.platform === 'win32' && command === 'npx';
  const { status } = spawnSync(command, args, { cwd: workspace, stdio: 'inherit', timeout: 60_000, shell });
  if (status !== 0) throw new Error('The packages could not be built.');
}

if (import.meta.main) {
  const folder = join(workspace, 'dist');
  packPackages(folder);
  console.log(`Packed into ${folder}: ${readdirSync(folder).join(', ')}`);
}
