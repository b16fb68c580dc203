/**
 * The workspace as pnpm sees it: its manifests, its lock file, and which packages of the lock file a folder
 * wants at run time. rules.ts judges them.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { workspace } from '../../node24.mjs';

type Dependencies = Readonly<Record<string, string>>;

export type Manifest = {
  readonly dependencies?: Dependencies;
  readonly devDependencies?: Dependencies;
  readonly optionalDependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
};

/** By folder, `.` for the workspace itself. */
export type Manifests = Readonly<Record<string, Manifest>>;

export type LockedPackage = {
  readonly resolution: Readonly<Record<string, unknown>>;
  readonly deprecated?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
};

type Resolved = Readonly<Record<string, { readonly version: string }>>;

/** Version 9 of pnpm's format. A package is called `name@version`, and in a snapshot the peers stand behind it. */
export type LockFile = {
  readonly importers: Readonly<
    Record<
      string,
      {
        readonly dependencies?: Resolved;
        readonly devDependencies?: Resolved;
        readonly optionalDependencies?: Resolved;
      }
    >
  >;
  readonly packages: Readonly<Record<string, LockedPackage>>;
  readonly snapshots: Readonly<
    Record<string, { readonly dependencies?: Dependencies; readonly optionalDependencies?: Dependencies }>
  >;
};

export function readLockFile(): LockFile {
  return parse(readFileSync(join(workspace, 'pnpm-lock.yaml'), 'utf8')) as LockFile;
}

export function readManifests(): Manifests {
  const nested = globSync('{apps/*,packages/*,attacks,faults,e2e}/package.json', { cwd: workspace });
  return Object.fromEntries(
    ['package.json', ...nested].map((file) => [
      dirname(file),
      JSON.parse(readFileSync(join(workspace, file), 'utf8')) as Manifest,
    ]),
  );
}

/** The folders of what is run or installed, rather than tools and tests. */
export function runtimeFolders(manifests: Manifests): string[] {
  return Object.keys(manifests).filter((folder) => /^(apps|packages)\//.test(folder));
}

/** What the workspace itself names for run time. Peers are: pages bundle them. */
export function runtimeDependencies(manifests: Manifests): string[] {
  const named = runtimeFolders(manifests)
    .flatMap((folder) => [manifests[folder]?.dependencies, manifests[folder]?.peerDependencies])
    .flatMap((dependencies) => Object.entries(dependencies ?? {}))
    .filter(([, version]) => !version.startsWith('workspace:'));
  return [...new Set(named.map(([name]) => name))].sort();
}

/** Every package, as `name@version`, that the folders want at run time, whatever depends on it. */
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

/** The packages that all folders want, tools and tests included. */
export function allPackages(lock: LockFile, isEntered: (name: string) => boolean = () => true): Set<string> {
  const starts = Object.values(lock.importers)
    .flatMap(({ dependencies, devDependencies, optionalDependencies }) =>
      Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }),
    )
    .filter(([, { version }]) => !version.startsWith('link:'))
    .map(([name, { version }]) => snapshotOf(name, version));
  return reachable(lock, starts, isEntered);
}

/** The packages of these snapshots and of all behind them; what is not entered is among them, and nothing behind it. */
function reachable(
  lock: LockFile,
  starts: readonly string[],
  isEntered: (name: string) => boolean = () => true,
): Set<string> {
  const visited = new Set<string>();
  const left = [...starts];
  for (let snapshot = left.pop(); snapshot !== undefined; snapshot = left.pop()) {
    if (visited.has(snapshot)) continue;
    visited.add(snapshot);
    if (!isEntered(packageOf(snapshot))) continue;
    const { dependencies, optionalDependencies } = lock.snapshots[snapshot] ?? {};
    for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies })) {
      left.push(snapshotOf(name, version));
    }
  }
  return new Set([...visited].map(packageOf));
}

function packageOf(snapshot: string): string {
  return snapshot.replace(/\(.*$/, '');
}

/** An alias is resolved to the name and the version of what it stands for. */
function snapshotOf(name: string, version: string): string {
  return packageOf(version).includes('@') ? version : `${name}@${version}`;
}
