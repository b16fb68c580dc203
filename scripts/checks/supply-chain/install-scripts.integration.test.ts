/** Install scripts under the pnpm settings of this workspace. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { workspace } from '../../node24.mjs';

const folder = mkdtempSync(join(tmpdir(), 'install-scripts-'));
const trace = join(folder, 'trace');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("an install script that allowBuilds doesn't list isn't run, and installing fails [T-SUPPLY-01]", () => {
  const sneaky = join(folder, 'sneaky');
  mkdirSync(sneaky);
  write(sneaky, {
    name: 'sneaky',
    version: '1.0.0',
    scripts: { postinstall: `node -e "fs.writeFileSync('${trace}', '')"` },
  });
  run(['npm', 'pack', '--silent', '--pack-destination', folder], sneaky);
  write(folder, { private: true, dependencies: { sneaky: 'file:sneaky-1.0.0.tgz' } });
  copyFileSync(join(workspace, 'pnpm-workspace.yaml'), join(folder, 'pnpm-workspace.yaml'));

  const { packageManager } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8'));
  const { status, stdout, stderr } = run(['npx', '-y', packageManager, 'install', '--offline'], folder);
  expect(existsSync(join(folder, 'node_modules/sneaky/package.json'))).toBe(true);
  expect(existsSync(trace)).toBe(false);
  expect(stdout + stderr).toContain('ERR_PNPM_IGNORED_BUILDS');
  expect(status).toBe(1);
});

function write(place: string, manifest: object): void {
  writeFileSync(join(place, 'package.json'), JSON.stringify(manifest));
}

function run([command = '', ...options]: readonly string[], cwd: string) {
  const env = { ...process.env, CI: 'true' };
  return spawnSync(command, options, { cwd, env, encoding: 'utf8', timeout: 50_000 });
}
