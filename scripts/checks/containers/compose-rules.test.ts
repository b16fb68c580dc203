import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workspace } from '../../node24.mjs';
import { demoAccounts } from '../../site/demo-accounts.ts';
import {
  DEMO_FILE,
  findServiceViolations,
  PRODUCTION_FILE,
  readServices,
  type Service,
} from './compose-rules.ts';

const read = (file: string) => readFileSync(join(workspace, file), 'utf8');
const composeFiles = globSync('*compose*.y{,a}ml', { cwd: workspace }).sort();

test('the compose files of the demo and of production are the only ones', () => {
  expect(composeFiles).toEqual([PRODUCTION_FILE, DEMO_FILE]);
  expect(Object.keys(readServices(DEMO_FILE))).toEqual(['sso', 'accounts', 'foo', 'lorem']);
  expect(Object.keys(readServices(PRODUCTION_FILE))).toEqual(['sso']);
});

test.each(composeFiles)('every service in %s is hardened [T-SUPPLY-08]', (file) => {
  for (const [name, service] of Object.entries(readServices(file))) {
    expect(findServiceViolations(service), name).toEqual([]);
  }
});

describe('the rules report a service that runs', () => {
  const { sso } = readServices(PRODUCTION_FILE);

  test.each<[string, Service]>([
    ['as root', { user: 'root' }],
    ['with a writable file system', { read_only: false }],
    ['with temporary file systems besides /tmp', { tmpfs: ['/tmp', '/app'] }],
    ['with shared memory', { ipc: 'host' }],
    ['with a capability', { cap_drop: [] }],
    ['with one capability added', { cap_add: ['NET_ADMIN'] }],
    ['with the ability to gain privileges', { security_opt: [] }],
    ['without a memory limit', { mem_limit: undefined }],
    ['without a process limit', { pids_limit: undefined }],
    ['privileged', { privileged: true }],
    ['on the host’s network', { network_mode: 'host' }],
    ['open to other machines', { ports: ['4000:4000'] }],
    ['with a folder of the host', { volumes: ['/:/data'] }],
    ['with the engine’s socket', { volumes: ['data:/data', '/var/run/docker.sock:/var/run/docker.sock'] }],
  ])('%s', (_how, change) => {
    expect(findServiceViolations({ ...sso, ...change })).toHaveLength(1);
  });
});

describe('production', () => {
  const service = readServices(PRODUCTION_FILE)['sso'] ?? {};
  const { environment, build } = service as Record<string, Record<string, string>>;

  test('names no account, password, app, or host of the demo, nor its project name [T-SUPPLY-09]', () => {
    const demo = demoAccounts.flatMap(({ username, displayName, password }) => [
      username,
      displayName,
      password,
    ]);
    const words = [...demo, 'accounts:', 'demo-accounts', 'localhost', 'foo', 'lorem'];
    const settings = read(PRODUCTION_FILE).replaceAll(/^\s*#.*$/gm, '');
    expect(words.filter((word) => new RegExp(`\\b${word}`, 'i').test(settings))).toEqual([]);
    const [demoName, name] = [DEMO_FILE, PRODUCTION_FILE].map(
      (file) => /^name: (.*)$/m.exec(read(file))?.[1],
    );
    expect([demoName, name]).toEqual(['samesite-sso', 'sso']);
  });

  test.each(['SSO_ORIGIN', 'SSO_TRUSTED_PROXIES'])('does not start without %s', (name) => {
    expect(environment?.[name]).toMatch(new RegExp(`^\\$\\{${name}:\\?.+\\}$`));
  });

  test('runs from an image without apps and without the demo accounts [T-SUPPLY-09]', () => {
    expect(build).toMatchObject({ target: 'sso' });
    const [, stage = ''] = /^FROM \S+ AS sso-image\n(.*?)^FROM /ms.exec(read('Dockerfile')) ?? [];
    const copied = [...stage.matchAll(/^COPY (?:--from=\S+ )?(\S+)/gm)].map(([, from]) => from);
    expect(copied).toEqual([
      ...[
        '/app',
        'apps/sso/src',
        'packages/protocol/src',
        'packages/core/src',
        'packages/server/src',
        '/app/apps/sso/dist',
      ],
    ]);
  });

  test('runs no source that contains a password of the demo [T-SUPPLY-09]', () => {
    const sources = globSync('{apps/sso,packages/{protocol,core,server}}/src/**/*.{ts,txt}', {
      cwd: workspace,
    }).filter((file) => !/\.test\.|\.fixture\./.test(file));
    expect(sources.length).toBeGreaterThan(50);
    const published = sources.filter((file) =>
      demoAccounts.some(({ password }) => read(file).includes(password)),
    );
    expect(published).toEqual([]);
  });
});
