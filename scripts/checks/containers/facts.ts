/**
 * Runs inside a container, handed to its Node on standard input: what is there to see for whoever takes over the process
 * that runs there. Prints JSON; rules.ts judges it. Imports nothing of ours, since no check is in the image.
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
  /** Real, effective, saved and for files. */
  readonly userIds: readonly number[];
  readonly groupIds: readonly number[];
  /** Inheritable, permitted, effective, bounding and ambient: a bit for each capability. */
  readonly capabilities: readonly string[];
  readonly canGainPrivileges: boolean;
};

export type Facts = {
  readonly processes: readonly Process[];
  /** Native programs, wherever they lie. A script is none: it needs one to run it. */
  readonly programs: readonly string[];
  /** What runs with the rights of its owner or its group, whoever starts it. */
  readonly privileged: readonly string[];
  /** What belongs to us, or may be written by all. */
  readonly changeable: readonly string[];
  /** Folders in which a file could be made. */
  readonly writable: readonly string[];
  /** Why none could be made beside our sources. */
  readonly refusal: string;
  /** `name@version` of what is installed. */
  readonly packages: readonly string[];
  /** What lies in the working directory and is no package. */
  readonly files: readonly string[];
};

const place = process.cwd();
const paths = [...walk('/')];
const folders = paths.filter(({ stats }) => stats.isDirectory());
const files = paths.filter(({ stats }) => stats.isFile());
const facts: Facts = {
  processes: readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(processOf),
  programs: pathsOf(files.filter(({ path, stats }) => stats.size > 0 && isProgram(path))),
  privileged: pathsOf(files.filter(({ stats }) => (stats.mode & 0o6000) !== 0)),
  changeable: pathsOf(
    [...folders, ...files].filter(
      ({ stats }) => stats.uid === process.getuid?.() || (stats.mode & 0o002) !== 0,
    ),
  ),
  writable: pathsOf(folders).filter((folder) => refusalIn(folder) === ''),
  refusal: refusalIn(place),
  packages: pathsOf(files).flatMap(packageOf),
  files: pathsOf(files)
    .filter((path) => path.startsWith(`${place}/`) && !path.includes('/node_modules/'))
    .map((path) => path.slice(place.length + 1)),
};
console.log(JSON.stringify(facts));

function* walk(folder: string): Generator<{ path: string; stats: Stats }> {
  if (folder === '/proc' || folder === '/sys') return; // The kernel's, and no place to keep anything.
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
    return []; // Not even to be looked into.
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

/** By the first four bytes of the format; libraries begin with them, too. */
function isProgram(path: string): boolean {
  if (/\.so(\.\d+)*$|\.node$/.test(path)) return false;
  const start = Buffer.alloc(4);
  try {
    const file = openSync(path, 'r');
    readSync(file, start);
    closeSync(file);
  } catch {
    return false; // What may not be read, Node cannot start either.
  }
  return start.toString('latin1') === '\x7fELF';
}

/** Empty, if a file could be made. */
function refusalIn(folder: string): string {
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
