/** The demo with several instances, as docker-compose.scale.yml makes it of the demo. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isMap, parseDocument } from 'yaml';
import { createSecrets } from '../../containers/demo-secrets.ts';
import { workspace } from '../../node24.mjs';
import {
  DEMO_FILE,
  findServiceViolations,
  HARDENING,
  POSTGRES_HARDENING,
  readScaledServices,
  readServices,
  SCALE_FILE,
  type Service,
} from './compose-rules.ts';

const services = readScaledServices();
const { accounts, secrets, nginx, postgres, lorem, ...instances } = services;
const read = (file: string) => readFileSync(join(workspace, file), 'utf8');
const environmentOf = (service: Service = {}) => service['environment'] as Record<string, string>;
const addressOf = (service: Service = {}) =>
  (service['networks'] as { default?: { ipv4_address?: string } } | undefined)?.default?.ipv4_address;

test('several instances are two of the SSO service and two of foo, beside one lorem and no lab', () => {
  expect(Object.keys(instances)).toEqual(['sso-1', 'sso-2', 'foo-1', 'foo-2']);
  expect([accounts, secrets, nginx, postgres, lorem]).not.toContain(undefined);
  expect(services).not.toHaveProperty('lab');
});

test('each service of the demo with several instances is hardened [T-SUPPLY-08]', () => {
  for (const [name, service] of Object.entries(services)) {
    const hardening = name === 'postgres' ? POSTGRES_HARDENING : HARDENING;
    expect(findServiceViolations(service, hardening), name).toEqual([]);
  }
});

test('the settings that replace the demo’s aren’t merged with them', () => {
  const document = parseDocument(read(SCALE_FILE), { merge: true, logLevel: 'error' });
  const merged = Object.entries(readServices(DEMO_FILE)).flatMap(([name, service]) => {
    const changed = document.getIn(['services', name]);
    if (!isMap<{ value: string }, { tag?: string }>(changed)) return [];
    return changed.items
      .filter(({ key, value }) => key.value in service && !/^!(override|reset)$/.test(value?.tag ?? ''))
      .map(({ key }) => `${name}: ${key.value}`);
  });
  // Compose replaces a command.
  expect(merged).toEqual(['lorem: command']);
});

test('two instances of a server differ only in their address, and run as the demo’s do', () => {
  const demo = readServices(DEMO_FILE);
  for (const name of ['sso', 'foo']) {
    const [first, second] = [services[`${name}-1`], services[`${name}-2`]];
    expect(second).toEqual({ ...first, networks: second?.['networks'] });
    expect(addressOf(second)).not.toBe(addressOf(first));
    const { build, ports, command, volumes, environment, depends_on, ...run } = demo[name] ?? {};
    expect(first).toMatchObject(run);
  }
});

test('one service builds the image that the others use', () => {
  const others = Object.keys(instances).concat('accounts', 'lorem');
  expect(secrets).toMatchObject({ image: 'samesite-sso-demo', build: { target: 'demo' } });
  for (const name of others) {
    expect(services[name]).toMatchObject({ image: 'samesite-sso-demo', pull_policy: 'never' });
    expect(services[name]?.['build'], name).toBeUndefined();
  }
});

test('only nginx and lorem can be reached from outside, and PostgreSQL can’t', () => {
  const published = Object.entries(services).flatMap(([name, { ports }]) => (ports ? [[name, ports]] : []));
  expect(Object.fromEntries(published)).toEqual({
    lorem: ['127.0.0.1:4002:4002'],
    nginx: ['127.0.0.1:4000:4000', '127.0.0.1:4001:4001'],
  });
});

test('the SSO service trusts nginx, and nothing else, to name the client', () => {
  const [sso1, sso2] = [environmentOf(services['sso-1']), environmentOf(services['sso-2'])];
  expect(addressOf(nginx)).toMatch(/\.194$/);
  expect([sso1['SSO_TRUSTED_PROXIES'], sso2['SSO_TRUSTED_PROXIES']]).toEqual(Array(2).fill(addressOf(nginx)));
});

test('nginx knows each instance by a name and a fixed address', () => {
  const addresses = Object.entries(instances).map(([name, service]) => [name, addressOf(service)]);
  expect(nginx?.['extra_hosts']).toEqual(Object.fromEntries(addresses));
  const named = read('scripts/containers/nginx.conf').matchAll(/^ {4}server ([\w-]+):\d+ /gm);
  expect([...named].map(([, name]) => name)).toEqual(Object.keys(instances));
});

test('a server reads only its own secrets, and only one container writes them', () => {
  const mounts = Object.entries(services).map(([name, { volumes }]) => [name, volumes]);
  expect(Object.fromEntries(mounts)).toEqual({
    accounts: ['sso-secrets:/secrets/sso:ro'],
    'sso-1': ['sso-secrets:/secrets/sso:ro'],
    'sso-2': ['sso-secrets:/secrets/sso:ro'],
    'foo-1': ['foo-secrets:/secrets/foo:ro'],
    'foo-2': ['foo-secrets:/secrets/foo:ro'],
    lorem: ['lorem:/data'],
    nginx: undefined,
    postgres: ['postgres:/var/lib/postgresql', 'postgres-secrets:/secrets/postgres:ro'],
    secrets: ['sso-secrets:/secrets/sso', 'foo-secrets:/secrets/foo', 'postgres-secrets:/secrets/postgres'],
  });
  expect(secrets).toMatchObject({ network_mode: 'none' });
});

test('no setting of several instances contains a password', () => {
  for (const [name, service] of Object.entries(services)) {
    const { SSO_DATABASE, APP_DATABASE = SSO_DATABASE, ...others } = environmentOf(service) ?? {};
    expect(APP_DATABASE ?? '', name).toMatch(
      /^(|\/data\/app\.db|postgres:\/\/(sso|foo)@postgres\/(sso|foo))$/,
    );
    expect(Object.keys(others).join(), name).not.toMatch(/PASSWORD/);
  }
});

test('secrets are random, private, and created once', () => {
  const folders = [newFolder(), newFolder()];
  for (const folder of [...folders, ...folders]) createSecrets(folder);
  const [secretsOf, others] = folders.map((folder) => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
    return paths.map((path) => [
      path.slice(folder.length + 1),
      (statSync(path).mode & 0o777).toString(8),
      readFileSync(path, 'utf8'),
    ]);
  });
  const [fooPassword, ssoPassword] = secretsOf?.slice(2, 4).map(([, , text]) => text) ?? [];
  const key = expect.stringMatching(/^[A-Za-z0-9+/]{43}=\n$/);
  expect(secretsOf).toEqual([
    ['foo/pgpass', '600', `postgres:5432:foo:foo:${fooPassword}\n`],
    ['foo/sealing-key', '600', key],
    ['postgres/foo', '444', expect.stringMatching(/^[\w-]{32}$/)],
    ['postgres/sso', '444', expect.stringMatching(/^[\w-]{32}$/)],
    ['sso/pgpass', '600', `postgres:5432:sso:sso:${ssoPassword}\n`],
    ['sso/sealing-key', '600', key],
  ]);
  const texts = [...(secretsOf ?? []), ...(others ?? [])].map(([, , text]) => text);
  expect(new Set(texts).size).toBe(12);
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['sso', 'foo', 'postgres']) mkdirSync(join(folder, name));
  return folder;
}
