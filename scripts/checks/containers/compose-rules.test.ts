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
  SCALE_FILE,
  type Service,
} from './compose-rules.ts';

const read = (file: string) => readFileSync(join(workspace, file), 'utf8');
const instructions = read('Dockerfile').replaceAll(/^#.*\n/gm, '');
const stages = new Map(
  instructions.split(/^(?=FROM )/m).map((text) => [/^FROM \S+ AS (\S+)/.exec(text)?.[1] ?? '', text]),
);
const composeFiles = globSync('*compose*.y{,a}ml', { cwd: workspace }).sort();

test('the compose files of the demo, of several instances and of production are the only ones', () => {
  expect(composeFiles).toEqual([PRODUCTION_FILE, SCALE_FILE, DEMO_FILE]);
  expect(Object.keys(readServices(DEMO_FILE))).toEqual([
    'sso',
    'sealing-key',
    'accounts',
    'foo',
    'lorem',
    'lab',
  ]);
  expect(Object.keys(readServices(PRODUCTION_FILE))).toEqual(['sso']);
});

test.each([DEMO_FILE, PRODUCTION_FILE])('every service in %s is hardened [T-SUPPLY-08]', (file) => {
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
    ['with another server’s data', { volumes: ['data:/data', 'foo:/lab'] }],
    ['with another server’s secrets', { volumes: ['data:/data', 'foo-secrets:/secrets/sso:ro'] }],
    ['with the engine’s socket', { volumes: ['data:/data', '/var/run/docker.sock:/var/run/docker.sock'] }],
  ])('%s', (_how, change) => {
    expect(findServiceViolations({ ...sso, ...change })).toHaveLength(1);
  });
});

describe('the demo', () => {
  const { accounts, lab, 'sealing-key': sealingKey, ...servers } = readServices(DEMO_FILE);

  test('reports to the lab from each server, which can’t change the lab’s file', () => {
    for (const [name, { command, environment, volumes }] of Object.entries(servers)) {
      expect(command, name).toEqual(expect.arrayContaining(['--import', './apps/lab/reporter/main.ts']));
      expect(environment).toMatchObject({ LAB_PROCESS: name, LAB_REPORT_FILE: '/lab/reports.json' });
      expect(volumes).toEqual([`${name}:/data`, 'lab:/lab:ro']);
    }
    expect(lab).toMatchObject({
      volumes: ['lab:/lab'],
      environment: { LAB_REPORT_FILE: '/lab/reports.json' },
    });
    for (const service of [accounts, sealingKey]) expect(service).toMatchObject({ volumes: ['sso:/data'] });
  });

  test('starts its servers without waiting for the lab [T-LAB-07]', () => {
    for (const [name, server] of Object.entries(servers)) {
      expect(Object.keys(server['depends_on'] ?? {}), name).toEqual(name === 'sso' ? ['sealing-key'] : []);
    }
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
    const words = [...demo, 'accounts:', 'demo-accounts', 'localhost', 'foo', 'lorem', 'lab'];
    const settings = read(PRODUCTION_FILE).replaceAll(/^\s*#.*$/gm, '');
    expect(words.filter((word) => new RegExp(`\\b${word}`, 'i').test(settings))).toEqual([]);
    const names = composeFiles.map((file) => /^name: (.*)$/m.exec(read(file))?.[1]);
    expect(names).toEqual(['sso', 'samesite-sso-scale', 'samesite-sso']);
  });

  test.each(['SSO_ORIGIN', 'SSO_TRUSTED_PROXIES'])('does not start without %s', (name) => {
    expect(environment?.[name]).toMatch(new RegExp(`^\\$\\{${name}:\\?.+\\}$`));
  });

  test('preloads nothing into the SSO service [T-LAB-05, T-SUPPLY-09]', () => {
    expect(service['command']).toEqual(['node', '--max-semi-space-size=32', 'apps/sso/src/main.ts']);
    expect(environment).not.toHaveProperty('NODE_OPTIONS');
  });

  test('runs from an image without apps and without the demo accounts [T-SUPPLY-09]', () => {
    expect(build).toMatchObject({ target: 'sso' });
    const [...copies] = stages.get('sso-image')?.matchAll(/^COPY (?:--from=\S+ )?(\S+)/gm) ?? [];
    const copied = copies.map(([, from]) => from);
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

  test('builds its image without the lab [T-LAB-05, T-SUPPLY-09]', () => {
    const needed = stagesOf('sso');
    expect(needed.sort()).toEqual(['manifests', 'pages', 'sso', 'sso-dependencies', 'sso-image']);
    expect(needed.filter((stage) => /\blab\b/.test(stages.get(stage) ?? ''))).toEqual([]);
    expect(stagesOf('demo')).toContain('lab-page');
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

/** A stage of the Dockerfile and all that it copies from or continues. */
function stagesOf(name: string): string[] {
  const text = stages.get(name);
  if (text === undefined) return []; // An image.
  const sources = [...text.matchAll(/(?:^FROM |--from=)(\S+)/gm)].map(([, source = '']) => source);
  return [...new Set([name, ...sources.flatMap(stagesOf)])];
}
