/** Evaluates what facts.ts has found in a container: what it must not contain, and must not be able to do. */
import type { Facts } from './facts.ts';

/** Node, and the init process with which the container engine starts it. */
const ALLOWED_PROGRAMS = ['/usr/local/bin/node', '/sbin/docker-init', '/usr/sbin/docker-init'];

/**
 * Places for volumes with the lab's report file and with the secrets of several instances. The demo's image
 * has these folders, so all of its containers do; most mount no volume there, or mount it read-only.
 */
const DEMO_FOLDERS = ['/lab', '/secrets'];

/** The volume, the temporary file system, and the message queues that the engine gives every container. */
const WRITABLE_FOLDERS = ['/data', '/tmp', '/dev/mqueue'];

/** The engine's own program, at the moment at which it starts a health check in the container. */
const STARTING_PROCESS = /^runc:\[/;

const PRODUCT_FILES = [
  /^(package\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml)$/,
  /^(apps|packages)\/[\w-]+\/package\.json$/,
  /^(apps|packages|scripts)\/.+\.(ts|mjs)$/,
  /^apps\/[\w-]+\/dist\//,
  /^apps\/sso\/apps\.compose\.json$/,
  /^apps\/sso\/src\/accounts\/common-passwords\.txt$/,
  /^apps\/lab\/server\/documents\/[\w-]+\.(css|js)$/,
];
const TEST_FILES = /\.test\.|\.fixture\.|\/test\/|\/contract\//;

/**
 * Returns the violations as sentences.
 *
 * @param runtimePackages the packages that are needed at run time, as `name@version`
 * @param writableDemoFolders those of the demo's folders that this container writes to; null for an image
 *   that has none of them
 */
export function findViolations(
  facts: Facts,
  runtimePackages: ReadonlySet<string>,
  writableDemoFolders: readonly string[] | null = null,
): string[] {
  // The container's user owns these folders, though they may be mounted read-only.
  const ownFolders = [...WRITABLE_FOLDERS, ...(writableDemoFolders === null ? [] : DEMO_FOLDERS)];
  const writableFolders = [...WRITABLE_FOLDERS, ...(writableDemoFolders ?? [])];
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
