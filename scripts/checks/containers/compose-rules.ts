/** The hardening that the services of all compose files must have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse, YAMLMap, YAMLSeq } from 'yaml';
import { workspace } from '../../node24.mjs';

export const DEMO_FILE = 'docker-compose.yml';
export const PRODUCTION_FILE = 'docker-compose.production.yml';
/** Changes the demo so that it runs several instances. */
export const SCALE_FILE = 'docker-compose.scale.yml';

export type Service = Readonly<Record<string, unknown>>;

export const HARDENING: Service = {
  user: 'node',
  read_only: true,
  tmpfs: ['/tmp'],
  ipc: 'none',
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
};

/** PostgreSQL's image names another user, and has a volume of its own that must stay unused. */
export const POSTGRES_HARDENING: Service = {
  ...HARDENING,
  user: 'postgres',
  tmpfs: ['/tmp', '/var/lib/postgresql/data'],
};

/**
 * A server's own data or secrets, PostgreSQL's data and, in the demo, the lab's file with the secret for the
 * reporting servers.
 */
const VOLUMES = [
  /^[a-z]+:\/data$/,
  /^([a-z]+)-secrets:\/secrets\/\1(?::ro)?$/,
  /^postgres:\/var\/lib\/postgresql$/,
  /^lab:\/lab(?::ro)?$/,
];

const REQUIRED_LIMITS = ['mem_limit', 'pids_limit'];

/** Settings that weaken a container or its isolation. */
const FORBIDDEN_SETTINGS = [
  ...['privileged', 'cap_add', 'devices', 'device_cgroup_rules', 'group_add', 'env_file', 'volumes_from'],
  ...['pid', 'userns_mode', 'cgroup_parent', 'extends', 'sysctls'],
];

/** Compose's tags, in a file that changes another: forget its value, or replace it instead of merging. */
const COMPOSE_TAGS = [
  { tag: '!reset', resolve: () => undefined },
  { tag: '!override', collection: 'map' as const, nodeClass: YAMLMap },
  { tag: '!override', collection: 'seq' as const, nodeClass: YAMLSeq },
];

export function readServices(file: string): Readonly<Record<string, Service>> {
  const text = readFileSync(join(workspace, file), 'utf8');
  return parse(text, { merge: true, customTags: COMPOSE_TAGS }).services;
}

/**
 * Returns the services of the demo with several instances: those that run, by name. Settings of the second
 * file replace the demo's, and `scaled-rules.test.ts` makes sure that Compose merges none of them.
 */
export function readScaledServices(): Readonly<Record<string, Service>> {
  const demo = readServices(DEMO_FILE);
  const merged = Object.entries({ ...demo, ...readServices(SCALE_FILE) }).map(
    ([name, service]) => [name, { ...demo[name], ...service }] as const,
  );
  return Object.fromEntries(merged.filter(([, { profiles }]) => profiles === undefined));
}

/** Returns the violations of a service in a compose file as sentences. */
export function findServiceViolations(service: Service, hardening = HARDENING): string[] {
  const { ports = [], volumes = [], network_mode } = service as Record<string, unknown[] | undefined>;
  return [
    ...Object.entries(hardening)
      .filter(([name, value]) => !isDeepStrictEqual(service[name], value))
      .map(([name, value]) => `${name} is not ${JSON.stringify(value)}`),
    ...REQUIRED_LIMITS.filter((name) => service[name] === undefined).map((name) => `${name} is missing`),
    ...FORBIDDEN_SETTINGS.filter((name) => service[name] !== undefined).map((name) => `${name} is set`),
    ...(network_mode === undefined || String(network_mode) === 'none' ? [] : ['network_mode is set']),
    ...ports
      .filter((port) => !/^127\.0\.0\.1:/.test(String(port)))
      .map((port) => `${port} is open to other machines`),
    ...volumes
      .filter((volume) => !VOLUMES.some((place) => place.test(String(volume))))
      .map((volume) => `${volume} is not a named volume at its place`),
  ];
}
