/** `npm start` in a copy of the workspace, where the Node that npm brings isn't there or can't run. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workspace } from './node24.mjs';

const folder = mkdtempSync(join(tmpdir(), 'node24-'));
const packaged = join(folder, 'node_modules/node/bin/node');
const linked = join(folder, 'node_modules/.bin/node');

beforeAll(() => {
  for (const file of ['start.mjs', 'install.mjs', 'node24.mjs', 'node24-hash.mjs']) {
    cpSync(join(workspace, 'scripts', file), join(folder, 'scripts', file));
  }
  for (const place of ['apps', 'packages', 'scripts/demo', 'bin', dirname(packaged), dirname(linked)]) {
    mkdirSync(join(folder, place.replace(folder, '')), { recursive: true });
  }
  cpSync(join(workspace, 'package.json'), join(folder, 'package.json'));
  const demo = "const path: string = process.execPath;\nconsole.log('The demo runs on', path);\n";
  writeFileSync(join(folder, 'scripts/demo/demo.ts'), demo);
  // An installation without install scripts, which so brings no Node and leaves a link to nothing.
  write(join(folder, 'bin/npx'), '#!/bin/sh\necho installed\n');
  symlinkSync(packaged, linked);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe.runIf(process.platform !== 'win32')('where the Node of npm', () => {
  test('wasn’t installed, the demo runs on the Node 24 that is there, which no link hides from npm', () => {
    const { stdout, stderr, status } = start();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('installed');
    expect(stdout).toContain(`The demo runs on ${process.execPath}`);
    expect(readdirSync(dirname(linked))).toEqual([]);
  });

  test.each([
    ['needs a loader that isn’t there', '#!/no/such/loader\n', 0o755],
    ['is no program', '\x7fELF', 0o755],
    ['may not be executed', '#!/bin/sh\necho v24.21.0\n', 0o644],
    ['fails at once', '#!/bin/sh\nexit 127\n', 0o755],
    ['is another Node', '#!/bin/sh\necho v22.1.0\n', 0o755],
    ['is too old a Node 24', '#!/bin/sh\necho v24.2.0\n', 0o755],
  ])('%s, the demo runs on the Node 24 that is there', (_what, content, mode) => {
    write(packaged, content, mode);
    const { stdout, stderr, status } = start();
    expect([status, stderr, stdout]).toEqual([0, '', `The demo runs on ${process.execPath}\n`]);
  });

  test('can run, the demo runs on that one', () => {
    write(packaged, `#!/bin/sh\n[ "$1" = --version ] && echo v24.21.0 || echo "It runs $1"\n`);
    expect(start().stdout).toBe('It runs scripts/demo/demo.ts\n');
  });

  test('can’t run and the one that is there is no Node 24, one sentence says what is missing', () => {
    write(packaged, '#!/no/such/loader\n');
    // Node 22, as far as the script can tell.
    const pretend = `--import=data:text/javascript,${encodeURIComponent(
      `Object.defineProperty(process, 'version', { value: 'v22.1.0' });`,
    )}`;
    const { stdout, stderr, status } = start(pretend);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Node 24 is missing: .* install Node 24\.3 or a later 24 [^.]*\.\n$/);
  });
});

function write(file: string, content: string, mode = 0o755): void {
  writeFileSync(file, content);
  chmodSync(file, mode);
}

function start(...nodeOptions: string[]) {
  const path = [join(folder, 'bin'), process.env['PATH']].join(delimiter);
  const env = { ...process.env, PATH: path };
  return spawnSync(process.execPath, [...nodeOptions, 'scripts/start.mjs'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
}
