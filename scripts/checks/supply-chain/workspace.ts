/**
 * The workspace as pnpm sees it: its manifests, its lock file, and the packages that a folder needs at run
 * time. bench/ is a workspace of its own, with its own lock file.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { workspace } from '../../node24.mjs';

type Dependencies = Readonly<Record<string, string>>;

type Manifest = {
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
};

/** By folder, `.` for the workspace itself. */
export type Manifests = Readonly<Record<string, Manifest>>;

type LockedPackage = {
  readonly resolution: Readonly<Record<string, unknown>>;
  readonly deprecated?: string;
};

type Resolved = Readonly<Record<string, { readonly version: string }>>;

type Importer = { readonly dependencies?: Resolved; readonly devDependencies?: Resolved };

/**
 * Version 9 of pnpm's format. A package is named `name@version`; a snapshot appends its peers in parentheses.
 */
export type LockFile = {
  readonly importers: Readonly<Record<string, Importer>>;
  readonly packages: Readonly<Record<string, LockedPackage>>;
  readonly snapshots: Readonly<
    Record<string, { readonly dependencies?: Dependencies; readonly optionalDependencies?: Dependencies }>
  >;
};

/** @param folder of the lock file, relative to the workspace */
export function readLockFile(folder = '.'): LockFile {
  return parse(readFileSync(join(workspace, folder, 'pnpm-lock.yaml'), 'utf8')) as LockFile;
}

export function readManifests(): Manifests {
  const nested = globSync('{apps/*,packages/*,test,e2e,bench}/package.json', { cwd: workspace });
  return Object.fromEntries(
    ['package.json', ...nested].map((file) => [
      dirname(file),
      JSON.parse(readFileSync(join(workspace, file), 'utf8')) as Manifest,
    ]),
  );
}

/**
 * The runtime dependencies that apps and packages declare. Peers are among them, since our pages bundle them.
 */
export function runtimeDependencies(manifests: Manifests): string[] {
  const named = Object.entries(manifests)
    .filter(([folder]) => /^(apps|packages)\//.test(folder))
    .flatMap(([, { dependencies, peerDependencies }]) => [dependencies, peerDependencies])
    .flatMap((dependencies) => Object.entries(dependencies ?? {}))
    .filter(([, version]) => !version.startsWith('workspace:'));
  return [...new Set(named.map(([name]) => name))].sort();
}

/** Every package, as `name@version`, that the folders need at run time, directly or indirectly. */
export function runtimePackages(
  lock: LockFile,
  manifests: Manifests,
  folders: readonly string[],
): Set<string> {
  const visited = new Set<string>();
  const starts: string[] = [];
  const visit = (folder: string): void => {
    if (visited.has(folder)) return;
    visited.add(folder);
    const { dependencies, devDependencies } = lock.importers[folder] ?? {};
    const peers = Object.entries(devDependencies ?? {}).filter(
      ([name]) => manifests[folder]?.peerDependencies?.[name] !== undefined,
    );
    for (const [name, { version }] of [...Object.entries(dependencies ?? {}), ...peers]) {
      if (version.startsWith('link:')) visit(join(folder, version.slice('link:'.length)));
      else starts.push(snapshotOf(name, version));
    }
  };
  for (const folder of folders) visit(folder);
  return reachable(lock, starts);
}

/** The packages of these snapshots, and all that they depend on. */
function reachable(lock: LockFile, starts: readonly string[]): Set<string> {
  const visited = new Set<string>();
  const pending = [...starts];
  for (let snapshot = pending.pop(); snapshot !== undefined; snapshot = pending.pop()) {
    if (visited.has(snapshot)) continue;
    visited.add(snapshot);
    const { dependencies, optionalDependencies } = lock.snapshots[snapshot] ?? {};
    for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies })) {
      pending.push(snapshotOf(name, version));
    }
  }
  return new Set([...visited].map(packageOf));
}

function packageOf(snapshot: string): string {
  return snapshot.replace(/\(.*$/, '');
}

/** An alias resolves to the name and version of its target. */
function snapshotOf(name: string, version: string): string {
  return packageOf(version).includes('@') ? version : `${name}@${version}`;
}
