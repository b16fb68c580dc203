/** The hardening that every compose file keeps to, the demo's as well as production's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { workspace } from '../../node24.mjs';

export const DEMO_FILE = 'docker-compose.yml';
export const PRODUCTION_FILE = 'docker-compose.production.yml';

export type Service = Readonly<Record<string, unknown>>;

const HARDENING: Service = {
  user: 'node',
  read_only: true,
  tmpfs: ['/tmp'],
  ipc: 'none',
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
};

const LIMITS = ['mem_limit', 'pids_limit'];

/** What weakens a container, or reaches past it. */
const FORBIDDEN = [
  ...['privileged', 'cap_add', 'devices', 'device_cgroup_rules', 'group_add', 'env_file', 'volumes_from'],
  ...['pid', 'userns_mode', 'cgroup_parent', 'extends', 'sysctls'],
];

export function readServices(file: string): Readonly<Record<string, Service>> {
  return parse(readFileSync(join(workspace, file), 'utf8'), { merge: true }).services;
}

/** Everything that is wrong with a service of a compose file, in words. */
export function findServiceFaults(service: Service): string[] {
  const { ports = [], volumes = [], network_mode } = service as Record<string, unknown[] | undefined>;
  return [
    ...Object.entries(HARDENING)
      .filter(([name, value]) => !isDeepStrictEqual(service[name], value))
      .map(([name, value]) => `${name} is not ${JSON.stringify(value)}`),
    ...LIMITS.filter((name) => service[name] === undefined).map((name) => `${name} is missing`),
    ...FORBIDDEN.filter((name) => service[name] !== undefined).map((name) => `${name} is set`),
    ...(network_mode === undefined || String(network_mode) === 'none' ? [] : ['network_mode is set']),
    ...ports
      .filter((port) => !/^127\.0\.0\.1:/.test(String(port)))
      .map((port) => `${port} is open to others`),
    ...volumes
      .filter((volume) => !/^[a-z]+:\/data$/.test(String(volume)))
      .map((volume) => `${volume} is not a volume of its own at /data`),
  ];
}
