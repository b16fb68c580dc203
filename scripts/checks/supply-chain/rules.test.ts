import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { workspace } from '../../node24.mjs';
import type { Installed } from './installed.ts';
import { findDeprecated, findInstallScripts, findRanges, findUnhashed, findUnlicensed } from './rules.ts';
import type { LockFile } from './workspace.ts';

const integrity = 'sha512-c29tZXRoaW5n';

/** A lock file as pnpm writes it, of one app that depends on `sound`, and what is added to it. */
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

function installed(name: string, manifest: Partial<Installed> = {}): [string, Installed] {
  return [`${name}@1.0.0`, { name, version: '1.0.0', license: 'MIT', hasRecipe: false, ...manifest }];
}

test('a range is found, an exact version and a package of the workspace are not', () => {
  const manifests = {
    'apps/foo': { dependencies: { sound: '1.0.0', '@samesite-sso/service': 'workspace:*' } },
    'apps/sso': { dependencies: { caret: '^1.0.0' }, devDependencies: { newest: 'latest' } },
    'packages/react': { optionalDependencies: { tilde: '~1.0.0' }, peerDependencies: { react: '^19.0.0' } },
  };
  expect(findRanges(manifests)).toEqual([
    'apps/sso wants caret ^1.0.0, which is no exact version',
    'apps/sso wants newest latest, which is no exact version',
    'packages/react wants tilde ~1.0.0, which is no exact version',
  ]);
});

describe('a package that is not locked by its hash in the registry is found', () => {
  test.each([
    ['without a hash', '{}'],
    ['with a broken hash function', '{ integrity: sha1-c29tZXRoaW5n }'],
    ['from another host', `{ integrity: ${integrity}, tarball: 'https://elsewhere.example/odd.tgz' }`],
    ['from a repository', '{ type: git, repo: https://elsewhere.example/odd.git, commit: 0a1b2c }'],
    ['from a folder', '{ type: directory, directory: ../odd }'],
  ])('%s', (_title, resolution) => {
    const lock = lockFile(`  odd@1.0.0:\n    resolution: ${resolution}`);
    expect(findUnhashed(lock)).toEqual(['odd@1.0.0 is not locked by its hash in the registry']);
  });
});

test('a deprecated package is found, with what is said of it', () => {
  const lock = lockFile(`
  request@1.0.0:
    resolution: { integrity: ${integrity} }
    deprecated: no longer maintained`);
  expect(findUnhashed(lock)).toEqual([]);
  expect(findDeprecated(lock)).toEqual(['request@1.0.0 is deprecated: no longer maintained']);
});

describe('install scripts', () => {
  test('may be run by Node itself and nothing else', () => {
    const { allowBuilds, ...settings } = parse(readFileSync(join(workspace, 'pnpm-workspace.yaml'), 'utf8'));
    const { devDependencies } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8'));
    expect(allowBuilds).toEqual({ [`node@${devDependencies.node}`]: true });
    expect(settings).not.toHaveProperty('dangerouslyAllowAllBuilds');
    expect(settings).not.toHaveProperty('strictDepBuilds');
  });

  test.each(['preinstall', 'install', 'postinstall'])('are found where they are called %s', (script) => {
    const sneaky = new Map([installed('sneaky', { scripts: { [script]: 'node steal.js' } })]);
    expect(findInstallScripts(sneaky, ['node@1.0.0'])).toEqual([
      'sneaky@1.0.0 has an install script, and is not named in allowBuilds',
      'node@1.0.0 is named in allowBuilds, and has no install script',
    ]);
  });

  test('are found where npm would call a compiler unasked', () => {
    const native = [
      installed('native', { hasRecipe: true }),
      installed('built', { hasRecipe: true, gypfile: false }),
    ];
    expect(findInstallScripts(new Map(native), [])).toHaveLength(1);
  });

  test('are not what the package’s own makers run', () => {
    const tidy = new Map([installed('tidy', { scripts: { prepare: 'husky', test: 'mocha' } })]);
    expect(findInstallScripts(tidy, [])).toEqual([]);
  });
});

describe('a licence', () => {
  const find = (license: unknown, runtime: string[]) =>
    findUnlicensed(lockFile(), new Map([installed('sound', { license })]), new Set(runtime));

  test('is found where it is not on the list, or where there is none', () => {
    for (const license of ['GPL-3.0-only', 'AGPL-3.0', 'UNLICENSED', 'MIT AND GPL-3.0-only', '', undefined]) {
      expect(find(license, []), String(license)).toHaveLength(1);
    }
    expect(find({ type: 'MIT' }, [])).toHaveLength(1);
  });

  test('may be one of several to choose from', () => {
    expect(find('(GPL-3.0-only OR MIT)', [])).toEqual([]);
  });

  test('of a tool may be one that a runtime dependency may not have', () => {
    expect(find('MPL-2.0', [])).toEqual([]);
    expect(find('MPL-2.0', ['sound@1.0.0'])).toEqual([
      'sound@1.0.0 has the licence MPL-2.0, which is not on the list',
    ]);
  });

  test('is unknown of what is not installed, unless that is for another machine', () => {
    const lock = (member: string): LockFile => ({
      ...lockFile(`
  compiled@1.0.0:
    resolution: { integrity: ${integrity} }
    ${member}`),
      snapshots: {
        'sound@1.0.0': { optionalDependencies: { compiled: '1.0.0' } },
        'compiled@1.0.0': { dependencies: { behind: '1.0.0' } },
        'behind@1.0.0': {},
      },
    });
    const sound = new Map([installed('sound')]);
    expect(findUnlicensed(lock('os: [aix]'), sound, new Set())).toEqual([]);
    expect(findUnlicensed(lock('hasBin: true'), sound, new Set())).toHaveLength(2);
  });
});
