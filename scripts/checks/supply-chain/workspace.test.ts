import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspace } from '../../node24.mjs';
import {
  allPackages,
  type LockFile,
  readLockFile,
  readManifests,
  runtimeDependencies,
  runtimePackages,
} from './workspace.ts';

const decision = readFileSync(join(workspace, 'docs/decisions/0015-runtime-dependencies.md'), 'utf8');

/** An app whose page is made with a tool and bundles what a package of the workspace wants from its user. */
const manifests = {
  'apps/foo': { dependencies: { service: 'workspace:*' }, devDependencies: { tool: '1.0.0' } },
  'packages/service': { dependencies: { driver: '1.0.0' } },
  'packages/react': { peerDependencies: { react: '^1.0.0' }, devDependencies: { react: '1.0.0' } },
};
const lock: LockFile = {
  importers: {
    'apps/foo': {
      dependencies: { service: { version: 'link:../../packages/service' } },
      devDependencies: { tool: { version: '1.0.0' } },
    },
    'packages/service': { dependencies: { driver: { version: '1.0.0(peer@2.0.0)' } } },
    'packages/react': { devDependencies: { react: { version: '1.0.0' } } },
  },
  packages: {},
  snapshots: {
    'driver@1.0.0(peer@2.0.0)': { dependencies: { peer: '2.0.0', alias: 'real@3.0.0' } },
    'peer@2.0.0': { optionalDependencies: { binary: '4.0.0' } },
    'tool@1.0.0': { dependencies: { hammer: '1.0.0' } },
  },
};

test('what an app wants at run time is what is behind its dependencies, through packages of the workspace', () => {
  const wanted = runtimePackages(lock, manifests, ['apps/foo']);
  expect([...wanted].sort()).toEqual(['binary@4.0.0', 'driver@1.0.0', 'peer@2.0.0', 'real@3.0.0']);
});

test('a peer is wanted at run time, though it is here for development', () => {
  expect([...runtimePackages(lock, manifests, ['packages/react'])]).toEqual(['react@1.0.0']);
  expect(runtimeDependencies(manifests)).toEqual(['driver', 'react']);
});

test('tools are among all packages', () => {
  expect(allPackages(lock)).toContain('hammer@1.0.0');
});

test('decision 15 says of each runtime dependency why it is there, and of nothing else', () => {
  const rows = [...decision.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual(runtimeDependencies(readManifests()));
});

test('decision 15 says how much an app installs with us', () => {
  const installed = runtimePackages(readLockFile(), readManifests(), ['packages/relying-app']);
  expect(decision).toContain(`gets ${installed.size} packages in all`);
});
