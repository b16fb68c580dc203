import { appendFileSync, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packagedNode } from './node24.mjs';
import { isTheNodeThatWasChosen } from './node24-hash.mjs';

test.runIf(existsSync(packagedNode))('the Node that everything runs on is the one that was chosen', () => {
  expect(isTheNodeThatWasChosen(packagedNode)).toBe(true);
});

test('a Node with one byte more is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'node24-'));
  const changed = join(folder, 'node');
  copyFileSync(process.execPath, changed);
  appendFileSync(changed, '\n');
  expect(isTheNodeThatWasChosen(changed, 'linux-x64')).toBe(false);
  rmSync(folder, { recursive: true });
});
