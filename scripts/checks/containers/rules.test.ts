import { expect, test } from 'vitest';
import type { Facts, Process } from './facts.ts';
import { findFaults } from './rules.ts';

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
  privileged: [],
  changeable: ['/data', '/data/sso.db', '/tmp'],
  writable: ['/data', '/tmp'],
  refusal: 'EROFS',
  packages: ['fastify@5.12.8'],
  files: ['package.json', 'apps/sso/src/main.ts', 'apps/sso/dist/index.html'],
};

function faultsOf(changed: Partial<Facts>): string[] {
  return findFaults({ ...sound, ...changed }, new Set(['fastify@5.12.8']));
}

function faultsOfProcess(changed: Partial<Process>): string[] {
  return faultsOf({ processes: [server, { ...server, ...changed }] });
}

test('nothing is found in a container that is as it should be', () => {
  expect(faultsOf({})).toEqual([]);
});

test('a process that runs as root, may do what root may, or could become root is found', () => {
  expect(faultsOfProcess({ userIds: [1000, 0, 0, 0] })).toEqual(['node runs as root']);
  expect(faultsOfProcess({ groupIds: [1000, 1000, 1000, 1000, 0] })).toEqual(['node runs as root']);
  expect(faultsOfProcess({ capabilities: ['0000000000000000', '00000000a80425fb'] })).toEqual([
    'node has capabilities',
  ]);
  expect(faultsOfProcess({ canGainPrivileges: true })).toEqual(['node can gain privileges']);
});

test('a file system that merely lacks the permission is not read-only', () => {
  expect(faultsOf({ refusal: 'EACCES' })).toHaveLength(1);
  expect(faultsOf({ refusal: '' })).toHaveLength(1);
});

test('a compiler, a shell and a program in a package are found', () => {
  const programs = ['/usr/bin/gcc', '/bin/sh', '/app/node_modules/esbuild/bin/esbuild'];
  expect(faultsOf({ programs: [...sound.programs, ...programs] })).toHaveLength(3);
});

test('what lends rights, and what could be changed or written to, is found', () => {
  expect(faultsOf({ privileged: ['/usr/bin/su'] })).toHaveLength(1);
  expect(faultsOf({ changeable: ['/app/apps/sso/src/main.ts', '/database'] })).toHaveLength(2);
  expect(faultsOf({ writable: ['/dev/shm'] })).toHaveLength(1);
});

test('a tool among the packages is found', () => {
  expect(faultsOf({ packages: ['fastify@5.12.8', 'vite@8.3.8'] })).toEqual([
    'vite@8.3.8 is not needed at run time',
  ]);
});

test('tests, databases, keys and whatever else does not run are found', () => {
  const files = [
    'apps/sso/src/main.integration.test.ts',
    'test/support/sso/test-service.ts',
    'apps/sso/src/storage/contract/sessions.test-suite.ts',
    'apps/sso/src/sso.db',
    'apps/sso/src/sso.db.keys.json',
    '.data/http/sso.db',
    'docs/flow.md',
  ];
  expect(faultsOf({ files: [...sound.files, ...files] })).toHaveLength(files.length);
});

test('facts that nobody gathered are no proof', () => {
  expect(faultsOf({ processes: [] })).toEqual(['no process was seen']);
  expect(faultsOf({ programs: [] })).toEqual(['Node was not seen']);
});
