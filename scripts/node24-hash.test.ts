import { appendFileSync, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packagedNode } from './node24.mjs';
import { hasExpectedHash } from './node24-hash.mjs';

test.runIf(existsSync(packagedNode))('the installed Node 24 is the binary that was reviewed', () => {
  expect(hasExpectedHash(packagedNode)).toBe(true);
});

test('a binary that differs by one byte from the reviewed one is detected [T-SUPPLY-02]', () => {
  const folder = mkdtempSync(join(tmpdir(), 'node24-'));
  const changed = join(folder, 'node');
  copyFileSync(process.execPath, changed);
  appendFileSync(changed, '\n');
  expect(hasExpectedHash(changed, 'linux-x64')).toBe(false);
  rmSync(folder, { recursive: true });
});
