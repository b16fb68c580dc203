import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspace } from '../../node24.mjs';
import {
  type LockFile,
  readLockFile,
  readManifests,
  runtimeDependencies,
  runtimePackages,
} from './workspace.ts';

const decision = readFileSync(join(workspace, 'docs/decisions/0015-runtime-dependencies.md'), 'utf8');

/** An app with a build tool, a package of the workspace, and a package with a peer dependency. */
const manifests = {
  'apps/foo': { dependencies: { core: 'workspace:*' }, devDependencies: { tool: '1.0.0' } },
  'packages/core': { dependencies: { driver: '1.0.0' } },
  'packages/react': { peerDependencies: { react: '^1.0.0' }, devDependencies: { react: '1.0.0' } },
};
const lock: LockFile = {
  importers: {
    'apps/foo': {
      dependencies: { core: { version: 'link:../../packages/core' } },
      devDependencies: { tool: { version: '1.0.0' } },
    },
    'packages/core': { dependencies: { driver: { version: '1.0.0(peer@2.0.0)' } } },
    'packages/react': { devDependencies: { react: { version: '1.0.0' } } },
  },
  packages: {},
  snapshots: {
    'driver@1.0.0(peer@2.0.0)': { dependencies: { peer: '2.0.0', alias: 'real@3.0.0' } },
    'peer@2.0.0': { optionalDependencies: { binary: '4.0.0' } },
    'tool@1.0.0': { dependencies: { hammer: '1.0.0' } },
  },
};

test('an app needs its dependencies at run time, and theirs, also through packages of the workspace', () => {
  const wanted = runtimePackages(lock, manifests, ['apps/foo']);
  expect([...wanted].sort()).toEqual(['binary@4.0.0', 'driver@1.0.0', 'peer@2.0.0', 'real@3.0.0']);
});

test('a peer dependency is needed at run time, although the workspace installs it for development', () => {
  expect([...runtimePackages(lock, manifests, ['packages/react'])]).toEqual(['react@1.0.0']);
  expect(runtimeDependencies(manifests)).toEqual(['driver', 'react']);
});

test('decision 15 lists exactly the runtime dependencies of apps and packages [T-SUPPLY-06]', () => {
  const rows = [...decision.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual(runtimeDependencies(readManifests()));
});

test('decision 15 states how many packages an app installs with @samesite-sso/relying-app', () => {
  const installed = runtimePackages(readLockFile(), readManifests(), ['packages/relying-app']);
  expect(decision).toContain(`gets ${installed.size} packages in all`);
});
