import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { workspace } from '../node24.mjs';

const git = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

test.runIf(existsSync(join(workspace, '.git')))(
  'a checkout with core.autocrlf keeps the committed line endings and leaves images intact [T-PASSWORD-04]',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    git(workspace, 'clone', '--quiet', '--config', 'core.autocrlf=true', workspace, folder);
    const lines = git(folder, 'ls-files', '--eol').trimEnd().split('\n');
    const kindOf = (line: string) => line.split(/\s+/, 2).join(' ');
    const isText = (line: string) => !line.endsWith('.png');
    expect(new Set(lines.filter(isText).map(kindOf))).toEqual(new Set(['i/lf w/lf']));
    expect(new Set(lines.filter((line) => !isText(line)).map(kindOf))).toEqual(new Set(['i/-text w/-text']));
  },
);
