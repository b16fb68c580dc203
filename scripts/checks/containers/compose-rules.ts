/** The hardening that the services of both compose files must have. */
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

/** A server's own data and, in the demo, the lab's file with the secret for the reporting servers. */
const VOLUMES = /^(?:[a-z]+:\/data|lab:\/lab(?::ro)?)$/;

const REQUIRED_LIMITS = ['mem_limit', 'pids_limit'];

/** Settings that weaken a container or its isolation. */
const FORBIDDEN_SETTINGS = [
  ...['privileged', 'cap_add', 'devices', 'device_cgroup_rules', 'group_add', 'env_file', 'volumes_from'],
  ...['pid', 'userns_mode', 'cgroup_parent', 'extends', 'sysctls'],
];

export function readServices(file: string): Readonly<Record<string, Service>> {
  return parse(readFileSync(join(workspace, file), 'utf8'), { merge: true }).services;
}

/** Returns the violations of a service in a compose file as sentences. */
export function findServiceViolations(service: Service): string[] {
  const { ports = [], volumes = [], network_mode } = service as Record<string, unknown[] | undefined>;
  return [
    ...Object.entries(HARDENING)
      .filter(([name, value]) => !isDeepStrictEqual(service[name], value))
      .map(([name, value]) => `${name} is not ${JSON.stringify(value)}`),
    ...REQUIRED_LIMITS.filter((name) => service[name] === undefined).map((name) => `${name} is missing`),
    ...FORBIDDEN_SETTINGS.filter((name) => service[name] !== undefined).map((name) => `${name} is set`),
    ...(network_mode === undefined || String(network_mode) === 'none' ? [] : ['network_mode is set']),
    ...ports
      .filter((port) => !/^127\.0\.0\.1:/.test(String(port)))
      .map((port) => `${port} is open to other machines`),
    ...volumes
      .filter((volume) => !VOLUMES.test(String(volume)))
      .map((volume) => `${volume} is not a named volume at /data or /lab`),
  ];
}
