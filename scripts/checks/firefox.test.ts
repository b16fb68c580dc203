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

test('the Firefox of the system is found, with its version', () => {
  const executable = program('firefox-esr', 'echo Mozilla Firefox 153.7.0esr');
  expect(findFirefox()).toEqual({ executable, version: 'Mozilla Firefox 153.7.0esr' });
});

test('one that is named comes before that of the system', () => {
  program('firefox', 'echo Mozilla Firefox 153.7.0esr');
  const executable = program('another', 'echo Mozilla Firefox 160.0');
  vi.stubEnv('E2E_FIREFOX', executable);
  expect(findFirefox()).toEqual({ executable, version: 'Mozilla Firefox 160.0' });
});

test('there is none where there is no program, or one that only says how Firefox could be had', () => {
  expect(findFirefox()).toBeNull();
  program('firefox', 'echo "install the firefox snap"; exit 1');
  expect(findFirefox()).toBeNull();
});

test('one that is named but does not start is a fault', () => {
  program('firefox', 'echo Mozilla Firefox 153.7.0esr');
  vi.stubEnv('E2E_FIREFOX', join(folder, 'nowhere'));
  expect(findFirefox).toThrow(/E2E_FIREFOX names .+nowhere/);
});

function program(name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}
