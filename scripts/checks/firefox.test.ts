import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findFirefox } from './firefox.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firefox-'));
  vi.stubEnv('PATH', folder);
  vi.stubEnv('E2E_FIREFOX', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test("the system's Firefox is found with its version", () => {
  const executable = program('firefox-esr', 'echo Mozilla Firefox 153.7.0esr');
  expect(findFirefox()).toEqual({ executable, version: 'Mozilla Firefox 153.7.0esr' });
});

test("a Firefox that E2E_FIREFOX names is preferred to the system's", () => {
  program('firefox', 'echo Mozilla Firefox 153.7.0esr');
  const executable = program('another', 'echo Mozilla Firefox 160.0');
  vi.stubEnv('E2E_FIREFOX', executable);
  expect(findFirefox()).toEqual({ executable, version: 'Mozilla Firefox 160.0' });
});

test('a program called firefox that only explains how to install it is ignored', () => {
  expect(findFirefox()).toBeNull();
  program('firefox', 'echo "install the firefox snap"; exit 1');
  expect(findFirefox()).toBeNull();
});

test('a Firefox that E2E_FIREFOX names but that does not start is an error', () => {
  program('firefox', 'echo Mozilla Firefox 153.7.0esr');
  vi.stubEnv('E2E_FIREFOX', join(folder, 'nowhere'));
  expect(findFirefox).toThrow(/E2E_FIREFOX is .+nowhere/);
});

function program(name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}
