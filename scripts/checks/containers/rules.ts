/** What a container must not hold, and must not be able to do, given the facts that facts.ts found in it. */
import type { Facts } from './facts.ts';

/** Node, and what the engine starts it with. */
const programs = ['/usr/local/bin/node', '/sbin/docker-init', '/usr/sbin/docker-init'];

/** The volume of its own, what is forgotten when it ends, and the queues that the engine gives to every container. */
const places = ['/data', '/tmp', '/dev/mqueue'];

const ours = [
  /^(package\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml)$/,
  /^(apps|packages)\/[\w-]+\/package\.json$/,
  /^(apps|packages|scripts)\/.+\.(ts|mjs)$/,
  /^apps\/[\w-]+\/dist\//,
  /^apps\/sso\/src\/passwords\/common-passwords\.txt$/,
];
const forTestsOnly = /\.test\.|\.fixture\.|\/test\/|\/contract\/|-contract\./;

/** Whatever is wrong, in words. `wanted` are the packages, as `name@version`, that are needed at run time. */
export function findFaults(facts: Facts, wanted: ReadonlySet<string>): string[] {
  return [
    ...facts.processes.flatMap(({ name, userIds, groupIds, capabilities, canGainPrivileges }) => [
      ...([...userIds, ...groupIds].includes(0) ? [`${name} runs as root`] : []),
      ...(capabilities.some((set) => !/^0+$/.test(set)) ? [`${name} has capabilities`] : []),
      ...(canGainPrivileges ? [`${name} can gain privileges`] : []),
    ]),
    ...(facts.processes.length === 0 ? ['no process was seen'] : []),
    ...(facts.refusal === 'EROFS' ? [] : [`the file system is not read-only: ${facts.refusal}`]),
    ...facts.programs.filter((path) => !programs.includes(path)).map((path) => `${path} is a program`),
    ...(facts.programs.includes('/usr/local/bin/node') ? [] : ['Node was not seen']),
    ...facts.privileged.map((path) => `${path} lends its owner’s rights`),
    ...facts.changeable.filter(isElsewhere).map((path) => `${path} can be changed`),
    ...facts.writable.filter(isElsewhere).map((path) => `${path} can be written to`),
    ...facts.packages.filter((name) => !wanted.has(name)).map((name) => `${name} is not needed at run time`),
    ...facts.files
      .filter((path) => forTestsOnly.test(path) || !ours.some((kind) => kind.test(path)))
      .map((path) => `${path} is not what runs`),
  ];
}

function isElsewhere(path: string): boolean {
  return !places.some((place) => path === place || path.startsWith(`${place}/`));
}
