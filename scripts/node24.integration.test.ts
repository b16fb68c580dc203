/** `npm start` in a copy of the workspace whose packaged Node 24 is missing or can't run. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { workspace } from './node24.mjs';

const folder = mkdtempSync(join(tmpdir(), 'node24-'));
const packaged = join(folder, 'node_modules/node/bin/node');
const linked = join(folder, 'node_modules/.bin/node');
const programs = join(folder, 'programs');

beforeEach(() => {
  rmSync(folder, { recursive: true });
  for (const place of ['scripts/demo', 'programs', dirname(packaged), dirname(linked)]) {
    mkdirSync(join(folder, place.replace(folder, '')), { recursive: true });
  }
  for (const name of ['start.mjs', 'install.mjs', 'node24.mjs', 'node24-hash.mjs']) {
    cpSync(join(workspace, 'scripts', name), join(folder, 'scripts', name));
  }
  for (const name of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    cpSync(join(workspace, name), join(folder, name));
  }
  const demo = "const path: string = process.execPath;\nconsole.log('The demo runs on', path);\n";
  writeFileSync(join(folder, 'scripts/demo/demo.ts'), demo);
  // `npx pnpm install` that installs nothing.
  write(join(programs, 'npx'), '#!/bin/sh\necho installed\n');
  symlinkSync(process.execPath, join(programs, 'node'));
  symlinkSync(packaged, linked);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe.runIf(process.platform !== 'win32')('npm start', () => {
  test('uses the Node 24 on PATH if the packaged one is missing', () => {
    const { stdout, status } = start();
    expect([status, stdout]).toEqual([0, expect.stringContaining('installed')]);
    expect(stdout).toContain(`The demo runs on ${process.execPath}`);
    expect(readdirSync(dirname(linked)), 'a link that would hide the Node on PATH').toEqual([]);
  });

  test('uses the packaged Node 24 if it can run', () => {
    expectAnyHash();
    const answerVersion = '[ "$1" = --version ] && echo v24.21.0 && exit';
    write(packaged, `#!/bin/sh\n${answerVersion}\necho "packaged: $1"\nexec '${process.execPath}' "$@"\n`);
    expect(start().stdout).toContain('packaged: scripts/demo/demo.ts\n');
  });

  test.each([
    ['needs a missing loader', '#!/no/such/loader\n', 0o755],
    ["isn't a program", '\x7fELF', 0o755],
    ["isn't executable", '#!/bin/sh\necho v24.21.0\n', 0o644],
    ['fails', '#!/bin/sh\nexit 127\n', 0o755],
    ['has another major version', '#!/bin/sh\necho v22.1.0\n', 0o755],
    ['is older than 24.16', '#!/bin/sh\necho v24.15.0\n', 0o755],
  ])('uses the Node 24 on PATH if the packaged one %s', (_what, content, mode) => {
    expectAnyHash();
    rmSync(linked);
    write(packaged, content, mode);
    const { stdout, status } = start();
    expect([status, stdout]).toEqual([0, expect.stringContaining(`The demo runs on ${process.execPath}`)]);
  });

  test('does not run a packaged Node 24 whose hash is unexpected', () => {
    rmSync(linked);
    write(packaged, '#!/bin/sh\necho v24.21.0\n');
    const { stderr, stdout, status } = start();
    expect([status, stdout]).toEqual([1, expect.not.stringContaining('The demo')]);
    expect(stderr).toContain('differs from the binary that was reviewed');
  });

  test('fails without any Node 24, with a message that says how to get one [T-SUPPLY-03]', () => {
    rmSync(join(programs, 'node'));
    write(
      join(programs, 'node'),
      `#!/bin/sh\n[ "$1" = --version ] && echo v22.1.0 || exec '${process.execPath}' "$@"\n`,
    );
    const { stdout, stderr, status } = start();
    expect([status, stdout]).toEqual([1, expect.not.stringContaining('The demo')]);
    expect(stderr).toMatch(/^Node 24 is missing: .* install Node 24\.16 or a later 24 [^.]*\.\n$/m);
  });
});

test.runIf(process.platform !== 'win32')('a SIGTERM to the shell of npm start ends the demo', async () => {
  writeFileSync(
    join(folder, 'scripts/demo/demo.ts'),
    "process.on('SIGTERM', () => process.exit(console.log('ended')));\nconsole.log('up', process.pid);\n" +
      'setInterval(() => {}, 1000);\n',
  );
  // A command behind it keeps the shell from replacing itself by Node.
  const shell = spawn('/bin/sh', ['-c', `${startScript()}; true`], {
    cwd: folder,
    env: { ...environment(), npm_lifecycle_event: 'start' },
  });
  let output = '';
  shell.stdout.on('data', (more) => {
    output += more;
  });
  await expect.poll(() => output, { timeout: 20_000 }).toContain('up');
  shell.kill('SIGTERM');
  await once(shell.stdout, 'close');
  expect(output).toContain('ended');
});

/** As on a platform whose binary hasn't been reviewed. */
function expectAnyHash(): void {
  writeFileSync(join(folder, 'scripts/node24-hash.mjs'), 'export const hasExpectedHash = () => true;\n');
}

function write(file: string, content: string, mode = 0o755): void {
  writeFileSync(file, content);
  chmodSync(file, mode);
}

/** Runs the script as npm does: by a shell, with node_modules/.bin first on PATH. */
function start() {
  const options = { cwd: folder, env: environment(), encoding: 'utf8' } as const;
  return spawnSync('/bin/sh', ['-c', startScript()], options);
}

function startScript(): string {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts.start;
}

function environment(): NodeJS.ProcessEnv {
  const path = [dirname(linked), programs, '/usr/bin', '/bin'].join(delimiter);
  return { ...process.env, PATH: path };
}
