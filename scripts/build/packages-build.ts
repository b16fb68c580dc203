/**
 * Builds what an app in another repository installs: a tarball for each published package, with JavaScript
 * and declarations, since Node strips no types under node_modules. Here the sources run.
 *
 * A tarball brings along the workspace's other packages that it is built on, under dist/internal/. It names
 * none of them as a dependency: pnpm and Yarn would ask a public registry for that name, and take a
 * stranger's package.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { workspace } from '../node24.mjs';

const SCOPE = '@samesite-sso/';
const PUBLISHED = ['browser', 'react', 'relying-app'];

type Dependencies = Record<string, string>;
interface Manifest {
  readonly dependencies?: Dependencies;
  readonly peerDependencies?: Dependencies;
  readonly [field: string]: unknown;
}

/** Builds and packs the published packages into the folder, which is emptied first. */
export function packPackages(folder: string): void {
  // A folder of its own for each run: tests build at the same time.
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
}

/** Copies what the tarball contains to the target folder. */
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
  const manifest = publishedManifest(readManifest(name), internal.map(readManifest));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return target;
}

/** The workspace's packages that this one is built on, directly or through another. */
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

/**
 * The manifest to publish: that of the workspace, with what is compiled and with what the internal packages
 * need.
 */
export function publishedManifest(manifest: Manifest, internal: readonly Manifest[]): Manifest {
  const { private: _private, devDependencies: _devDependencies, ...published } = manifest;
  const merge = (kind: 'dependencies' | 'peerDependencies') => {
    const all = [...internal, manifest].flatMap((each) => Object.entries(each[kind] ?? {}));
    return Object.fromEntries(all.filter(([name]) => !name.startsWith(SCOPE)).sort());
  };
  const compiled = JSON.stringify(published).replace(/"\.\/src\/([^"]+)\.tsx?"/g, '"./dist/$1.js"');
  return {
    ...JSON.parse(compiled),
    files: ['dist'],
    dependencies: merge('dependencies'),
    peerDependencies: merge('peerDependencies'),
  };
}

function readManifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(workspace, 'packages', name, 'package.json'), 'utf8'));
}

function run(command: string, args: string[]): void {
  const shell = process.platform === 'win32' && command === 'npm';
  const { status } = spawnSync(command, args, { cwd: workspace, stdio: 'inherit', timeout: 60_000, shell });
  if (status !== 0) throw new Error('The packages could not be built.');
}

if (import.meta.main) {
  const folder = join(workspace, 'dist');
  packPackages(folder);
  console.log(`Packed into ${folder}: ${readdirSync(folder).join(', ')}`);
}
