/**
 * Runs inside a container, passed to its Node on standard input. Prints as JSON what an attacker who has
 * taken over the container's process would find; container-rules.ts evaluates it. It imports none of our
 * modules, since the image doesn't contain the checks.
 */
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export type Process = {
  readonly name: string;
  /** Real, effective, saved and file system ids. */
  readonly userIds: readonly number[];
  readonly groupIds: readonly number[];
  /** The inheritable, permitted, effective, bounding and ambient sets: one bit per capability. */
  readonly capabilities: readonly string[];
  readonly canGainPrivileges: boolean;
};

export type Facts = {
  readonly processes: readonly Process[];
  /** Native programs in any folder. Scripts don't count: they need a program to run them. */
  readonly programs: readonly string[];
  /** Files with the set-user-id or set-group-id bit. */
  readonly setIdFiles: readonly string[];
  /** Files and folders that belong to this user or are writable by everyone. */
  readonly changeable: readonly string[];
  /** Folders in which a file could be created. */
  readonly writable: readonly string[];
  /** The error code of creating a file beside our sources; empty if it worked. */
  readonly writeError: string;
  /** Installed packages, as `name@version`. */
  readonly packages: readonly string[];
  /** Files in the working directory, without those of packages. */
  readonly files: readonly string[];
};

const root = process.cwd();
const paths = [...walk('/')];
const folders = paths.filter(({ stats }) => stats.isDirectory());
const files = paths.filter(({ stats }) => stats.isFile());
const facts: Facts = {
  processes: readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(processOf),
  programs: pathsOf(files.filter(({ path, stats }) => stats.size > 0 && isProgram(path))),
  setIdFiles: pathsOf(files.filter(({ stats }) => (stats.mode & 0o6000) !== 0)),
  changeable: pathsOf(
    [...folders, ...files].filter(
      ({ stats }) => stats.uid === process.getuid?.() || (stats.mode & 0o002) !== 0,
    ),
  ),
  writable: pathsOf(folders).filter((folder) => writeErrorIn(folder) === ''),
  writeError: writeErrorIn(root),
  packages: pathsOf(files).flatMap(packageOf),
  files: pathsOf(files)
    .filter((path) => path.startsWith(`${root}/`) && !path.includes('/node_modules/'))
    .map((path) => path.slice(root.length + 1)),
};
console.log(JSON.stringify(facts));

function* walk(folder: string): Generator<{ path: string; stats: Stats }> {
  if (folder === '/proc' || folder === '/sys') return; // Virtual file systems of the kernel.
  yield { path: folder, stats: lstatSync(folder) };
  for (const entry of list(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield { path, stats: lstatSync(path) };
  }
}

function list(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // Unreadable for this user.
  }
}

function pathsOf(entries: readonly { readonly path: string }[]): string[] {
  return entries.map(({ path }) => path);
}

function processOf(id: string): Process {
  const status = readFileSync(`/proc/${id}/status`, 'utf8');
  const words = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/) ?? [];
  return {
    name: words('Name').join(' '),
    userIds: words('Uid').map(Number),
    groupIds: [...words('Gid'), ...words('Groups')].filter((group) => group !== '').map(Number),
    capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].flatMap(words),
    canGainPrivileges: words('NoNewPrivs')[0] !== '1',
  };
}

/** Checks the magic number of ELF. Libraries have it too, so they are excluded by name. */
function isProgram(path: string): boolean {
  if (/\.so(\.\d+)*$|\.node$/.test(path)) return false;
  const start = Buffer.alloc(4);
  try {
    const file = openSync(path, 'r');
    readSync(file, start);
    closeSync(file);
  } catch {
    return false; // Node can't start a file that it can't read.
  }
  return start.toString('latin1') === '\x7fELF';
}

/** Returns an empty string if a file could be created. */
function writeErrorIn(folder: string): string {
  const file = join(folder, 'written-by-a-check');
  try {
    writeFileSync(file, '', { flag: 'wx' });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
  rmSync(file);
  return '';
}

function packageOf(path: string): string[] {
  if (!/\/node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path)) return [];
  const { name, version } = JSON.parse(readFileSync(path, 'utf8'));
  return [`${name}@${version}`];
}
