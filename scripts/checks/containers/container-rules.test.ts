import { expect, test } from 'vitest';
import { findViolations } from './container-rules.ts';
import type { Facts, Process } from './facts.ts';

const server: Process = {
  name: 'node',
  userIds: [1000, 1000, 1000, 1000],
  groupIds: [1000, 1000, 1000, 1000],
  capabilities: Array(5).fill('0000000000000000'),
  canGainPrivileges: false,
};

const sound: Facts = {
  processes: [{ ...server, name: 'docker-init' }, server],
  programs: ['/usr/local/bin/node', '/sbin/docker-init'],
  setIdFiles: [],
  changeable: ['/data', '/data/sso.db', '/tmp'],
  writable: ['/data', '/tmp'],
  writeError: 'EROFS',
  packages: ['fastify@5.12.8'],
  files: ['package.json', 'apps/sso/src/main.ts', 'apps/sso/dist/index.html'],
};

function violationsOf(changed: Partial<Facts>): string[] {
  return findViolations({ ...sound, ...changed }, new Set(['fastify@5.12.8']));
}

function violationsOfProcess(changed: Partial<Process>): string[] {
  return violationsOf({ processes: [server, { ...server, ...changed }] });
}

test('a hardened container has no violations', () => {
  expect(violationsOf({})).toEqual([]);
});

test('a process that runs as root, has capabilities or can gain privileges is reported [T-SUPPLY-08]', () => {
  expect(violationsOfProcess({ userIds: [1000, 0, 0, 0] })).toEqual(['node runs as root']);
  expect(violationsOfProcess({ groupIds: [1000, 1000, 1000, 1000, 0] })).toEqual(['node runs as root']);
  expect(violationsOfProcess({ capabilities: ['0000000000000000', '00000000a80425fb'] })).toEqual([
    'node has capabilities',
  ]);
  expect(violationsOfProcess({ canGainPrivileges: true })).toEqual(['node can gain privileges']);
});

test('a health check that the container engine is just starting is no violation', () => {
  expect(violationsOfProcess({ name: 'runc:[2:INIT]', userIds: [0, 0, 0, 0] })).toEqual([]);
});

test('a file system that only denies permission does not count as read-only [T-SUPPLY-08]', () => {
  expect(violationsOf({ writeError: 'EACCES' })).toHaveLength(1);
  expect(violationsOf({ writeError: '' })).toHaveLength(1);
});

test('a compiler, a shell and a program in a package are reported [T-SUPPLY-07]', () => {
  const programs = ['/usr/bin/gcc', '/bin/sh', '/app/node_modules/esbuild/bin/esbuild'];
  expect(violationsOf({ programs: [...sound.programs, ...programs] })).toHaveLength(3);
});

test('set-user-id files and places that can be written to are reported [T-SUPPLY-08]', () => {
  expect(violationsOf({ setIdFiles: ['/usr/bin/su'] })).toHaveLength(1);
  expect(violationsOf({ changeable: ['/app/apps/sso/src/main.ts', '/database'] })).toHaveLength(2);
  expect(violationsOf({ writable: ['/dev/shm'] })).toHaveLength(1);
});

test('only the lab may write to its folder, which production doesn’t have', () => {
  const folder = { changeable: [...sound.changeable, '/lab', '/lab/reports.json'] };
  const writable = { ...folder, writable: [...sound.writable, '/lab'] };
  const packages = new Set(sound.packages);
  expect(violationsOf(folder)).toEqual(['/lab can be changed', '/lab/reports.json can be changed']);
  expect(findViolations({ ...sound, ...folder }, packages, [])).toEqual([]);
  expect(findViolations({ ...sound, ...writable }, packages, [])).toEqual(['/lab can be written to']);
  expect(findViolations({ ...sound, ...writable }, packages, ['/lab'])).toEqual([]);
});

test('a server can’t write to its secrets', () => {
  const folder = { changeable: [...sound.changeable, '/secrets/sso/sealing-key'] };
  const writable = { ...folder, writable: [...sound.writable, '/secrets/sso'] };
  const packages = new Set(sound.packages);
  expect(findViolations({ ...sound, ...folder }, packages, [])).toEqual([]);
  expect(findViolations({ ...sound, ...writable }, packages, [])).toEqual(['/secrets/sso can be written to']);
  expect(findViolations({ ...sound, ...writable }, packages, ['/secrets'])).toEqual([]);
});

test('a development tool among the packages is reported [T-SUPPLY-07]', () => {
  expect(violationsOf({ packages: ['fastify@5.12.8', 'vite@8.3.8'] })).toEqual([
    'vite@8.3.8 is not needed at run time',
  ]);
});

test('tests, databases, keys, and other files outside the product are reported [T-SUPPLY-07]', () => {
  const files = [
    'apps/sso/src/main.integration.test.ts',
    'test/support/sso/test-service.ts',
    'apps/sso/src/storage/contract/sessions.test-suite.ts',
    'apps/sso/src/sso.db',
    'apps/sso/src/sso.db.keys.json',
    '.data/http/sso.db',
    'docs/flow.md',
  ];
  expect(violationsOf({ files: [...sound.files, ...files] })).toHaveLength(files.length);
});

test('missing facts are violations', () => {
  expect(violationsOf({ processes: [] })).toEqual(['no process was found']);
  expect(violationsOf({ programs: [] })).toEqual(['Node was not found']);
});
