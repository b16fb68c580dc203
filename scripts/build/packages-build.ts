/**
 * Builds what an app in another repository installs: one tarball per published package, with JavaScript and
 * declarations, since Node doesn't strip types under node_modules.
 *
 * A tarball contains copies of the workspace packages that it is built on, in dist/internal/. It doesn't name
 * them as dependencies: pnpm and Yarn would ask a public registry for those names and install
 * somebody else's package.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { workspace } from '../node24.mjs';

const SCOPE = '@samesite-sso/';
const PUBLISHED = ['browser', 'react', 'relying-app'];
const BUILD_TIMEOUT_MS = 60_000;

type Entries = Record<string, string>;
interface Manifest {
  readonly bin?: Entries;
  readonly exports?: Entries;
  readonly dependencies?: Entries;
  readonly peerDependencies?: Entries;
  readonly [field: string]: unknown;
}

/**
 * Builds and packs the published packages.
 *
 * @param folder is emptied first
 * @returns the paths of the tarballs
 */
export function packPackages(folder: string): string[] {
  // Each run has its own build folder, since tests build in parallel. It is inside the workspace, so that tsc
  // resolves the dependencies.
  const build = mkdtempSync(join(workspace, 'node_modules/.packages-'));
  try {
    const tsc = join(workspace, 'node_modules/typescript/bin/tsc');
    const compiled = join(build, 'compiled');
    run(process.execPath, [tsc, '--project', 'tsconfig.packages.json', '--outDir', compiled]);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const staged = PUBLISHED.map((name) => stagePackage(name, compiled, join(build, name)));
    run('npm', ['pack', '--silent', '--pack-destination', folder, ...staged]);
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
  return globSync('*.tgz', { cwd: folder }).map((file) => join(folder, file));
}

/** Copies the tarball's content to the target folder. */
function stagePackage(name: string, compiled: string, target: string): string {
  const internal = findInternal(name);
  const dist = join(target, 'dist');
  cpSync(join(compiled, name, 'src'), dist, { recursive: true });
  for (const each of internal) {
    cpSync(join(compiled, each, 'src'), join(dist, 'internal', each), { recursive: true });
  }
  for (const file of globSync('**/*.{js,d.ts}', { cwd: dist })) {
    const path = join(dist, file);
    writeFileSync(path, rewriteSpecifiers(readFileSync(path, 'utf8'), file, internal));
  }
  cpSync(join(workspace, 'LICENSE'), join(target, 'LICENSE'));
  for (const file of ['README.md', 'CHANGELOG.md']) {
    cpSync(join(workspace, 'packages', name, file), join(target, file));
  }
  const manifest = toPublishedManifest(readManifest(name), internal.map(readManifest));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return target;
}

/** The workspace packages that this one is built on, directly or through another. */
function findInternal(name: string): string[] {
  const direct = Object.keys(readManifest(name).dependencies ?? {})
    .filter((dependency) => dependency.startsWith(SCOPE))
    .map((dependency) => dependency.slice(SCOPE.length));
  return [...new Set(direct.flatMap((each) => [each, ...findInternal(each)]))];
}

/**
 * Points the imports of internal packages to their copies in the tarball.
 *
 * @param file path of the module in dist/
 */
export function rewriteSpecifiers(text: string, file: string, internal: readonly string[]): string {
  const specifier = /(?<=\b(?:from|import|module)\s*\(?\s*)(['"])@samesite-sso\/([^'"]+)\1/g;
  return text.replace(specifier, (match, quote, name) => {
    if (!internal.includes(name)) return match;
    const path = relative(dirname(file), join('internal', name, 'index.js')).replaceAll('\\', '/');
    return `${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
  });
}

/** The workspace manifest with compiled files, and with the dependencies of the internal packages. */
export function toPublishedManifest(manifest: Manifest, internal: readonly Manifest[]): object {
  const { private: _private, devDependencies: _devDependencies, bin, exports = {}, ...published } = manifest;
  const merge = (kind: 'dependencies' | 'peerDependencies') => {
    const all = [...internal, manifest].flatMap((each) => Object.entries(each[kind] ?? {}));
    return Object.fromEntries(all.filter(([name]) => !name.startsWith(SCOPE)).sort());
  };
  const toExport = (source: string) => ({ types: toDist(source, 'd.ts'), default: toDist(source, 'js') });
  return {
    ...published,
    files: ['dist', 'CHANGELOG.md'],
    ...(bin && { bin: mapValues(bin, (source) => toDist(source, 'js')) }),
    exports: mapValues(exports, toExport),
    dependencies: merge('dependencies'),
    peerDependencies: merge('peerDependencies'),
  };
}

/** `./src/index.ts` → `./dist/index.js` */
function toDist(source: string, extension: string): string {
  return source.replace(/^\.\/src\/(.+)\.tsx?$/, `./dist/$1.${extension}`);
}

function mapValues<Value>(entries: Entries, map: (value: string) => Value): Record<string, Value> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, map(value)]));
}

function readManifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(workspace, 'packages', name, 'package.json'), 'utf8'));
}

function run(command: string, args: string[]): void {
  const shell = process.platform === 'win32' && command === 'npm';
  const options = { cwd: workspace, stdio: 'inherit', timeout: BUILD_TIMEOUT_MS, shell } as const;
  const { status } = spawnSync(command, args, options);
  if (status !== 0) throw new Error(`Building the packages failed: ${command} exited with ${status}.`);
}

if (import.meta.main) console.log(packPackages(join(workspace, 'dist')).join('\n'));
