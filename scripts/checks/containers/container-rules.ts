/** Evaluates what facts.ts has found in a container: what it must not contain, and must not be able to do. */
import type { Facts } from './facts.ts';

/** Node, and the init process with which the container engine starts it. */
const ALLOWED_PROGRAMS = ['/usr/local/bin/node', '/sbin/docker-init', '/usr/sbin/docker-init'];

/** The volume with the lab's report file. The folder is in the demo's image, so every container has it. */
export type LabFolder = 'missing' | 'read-only' | 'writable';

/** The volume, the temporary file system, and the message queues that the engine gives every container. */
const WRITABLE_FOLDERS = ['/data', '/tmp', '/dev/mqueue'];

/** The engine's own program, at the moment at which it starts a health check in the container. */
const STARTING_PROCESS = /^runc:\[/;

const PRODUCT_FILES = [
  /^(package\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml)$/,
  /^(apps|packages)\/[\w-]+\/package\.json$/,
  /^(apps|packages|scripts)\/.+\.(ts|mjs)$/,
  /^apps\/[\w-]+\/dist\//,
  /^apps\/sso\/src\/accounts\/common-passwords\.txt$/,
  /^apps\/lab\/server\/documents\/[\w-]+\.(css|js)$/,
];
const TEST_FILES = /\.test\.|\.fixture\.|\/test\/|\/contract\//;

/**
 * Returns the violations as sentences.
 *
 * @param runtimePackages the packages that are needed at run time, as `name@version`
 * @param labFolder what /lab should be
 */
export function findViolations(
  facts: Facts,
  runtimePackages: ReadonlySet<string>,
  labFolder: LabFolder = 'missing',
): string[] {
  // The container's user owns these folders, though /lab may be mounted read-only.
  const ownFolders = labFolder === 'missing' ? WRITABLE_FOLDERS : [...WRITABLE_FOLDERS, '/lab'];
  const writableFolders = labFolder === 'writable' ? ownFolders : WRITABLE_FOLDERS;
  const processes = facts.processes.filter(({ name }) => !STARTING_PROCESS.test(name));
  return [
    ...processes.flatMap(({ name, userIds, groupIds, capabilities, canGainPrivileges }) => [
      ...([...userIds, ...groupIds].includes(0) ? [`${name} runs as root`] : []),
      ...(capabilities.some((set) => !/^0+$/.test(set)) ? [`${name} has capabilities`] : []),
      ...(canGainPrivileges ? [`${name} can gain privileges`] : []),
    ]),
    ...(processes.length === 0 ? ['no process was found'] : []),
    ...(facts.writeError === 'EROFS' ? [] : [`the file system is not read-only: ${facts.writeError}`]),
    ...facts.programs
      .filter((path) => !ALLOWED_PROGRAMS.includes(path))
      .map((path) => `${path} is a program`),
    ...(facts.programs.includes('/usr/local/bin/node') ? [] : ['Node was not found']),
    ...facts.setIdFiles.map((path) => `${path} runs with the rights of its owner or group`),
    ...facts.changeable.filter(isOutside(ownFolders)).map((path) => `${path} can be changed`),
    ...facts.writable.filter(isOutside(writableFolders)).map((path) => `${path} can be written to`),
    ...facts.packages
      .filter((name) => !runtimePackages.has(name))
      .map((name) => `${name} is not needed at run time`),
    ...facts.files
      .filter((path) => TEST_FILES.test(path) || !PRODUCT_FILES.some((kind) => kind.test(path)))
      .map((path) => `${path} is not part of the product`),
  ];
}

function isOutside(folders: readonly string[]): (path: string) => boolean {
  return (path) => !folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
