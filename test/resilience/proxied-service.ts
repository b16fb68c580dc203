/**
 * The SSO service as a process behind a real proxy, nginx or Caddy, that terminates TLS. The proxy's
 * configuration is the example in docs/operations.md with this machine's addresses.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { type Certificates, localCertificates } from '../../scripts/site/certificates.ts';
import { freePorts } from '../../scripts/site/ports.ts';
import { hosts, siteName } from '../../scripts/site/site-settings.ts';
import { addDemoAccounts } from '../support/accounts.ts';
import { environment, started } from '../support/sso/running-service.ts';

export type ProxyName = 'nginx' | 'caddy';

export const HOST = hosts.sso;

const OPERATIONS = resolve(import.meta.dirname, '../../docs/operations.md');

export type ProxiedService = Awaited<ReturnType<typeof serviceBehind>>;

/** The program of a proxy on this machine, or null. */
export function programOf(name: ProxyName): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/**
 * @param trusted the value of `SSO_TRUSTED_PROXIES`; the proxy connects from 127.0.0.1
 * @param isByIpv6 whether the proxy connects from ::1 instead
 * @param second adds a proxy between the two. Its X-Forwarded-Proto is its own scheme, or the one that it
 *   received
 */
export async function serviceBehind(
  name: ProxyName,
  {
    trusted = '127.0.0.1',
    isByIpv6 = false,
    second,
  }: { trusted?: string; isByIpv6?: boolean; second?: 'its own scheme' | 'the received scheme' } = {},
) {
  const { folder, variables, url } = await environment();
  const { sso: https, foo: http } = await freePorts();
  const service = Number(new URL(url).port);
  const origin = `https://${HOST}:${https}`;
  const settings = { ...variables, SSO_ORIGIN: origin, SSO_TRUSTED_PROXIES: trusted };
  if (isByIpv6) settings.SSO_LISTEN = `[::]:${service}`;
  await addDemoAccounts(settings.SSO_DATABASE, ['ada']);
  const { child } = await started(settings);
  let log = '';
  child.stdout.on('data', (text: string) => {
    log += text;
  });
  /** The warnings in the service's log so far. */
  const warnings = () =>
    log.split('\n').flatMap((line) => (line.includes('"level":40') ? [JSON.parse(line).msg as string] : []));

  const certificates = await localCertificates(folder, [siteName], [HOST]);
  /** The proxy's ports for https and http, and the service's own. */
  const ports = { https, http, service };
  const start = async (example: string, upstream: string, own: { https: number; http: number }) => {
    const site = example.replaceAll('127.0.0.1:4000', upstream);
    await startProxy(name, join(folder, `${name}-${own.https}`), adaptExample(site, name, own, certificates));
    await waitUntilListening(own.https);
  };
  let upstream = `${isByIpv6 ? '[::1]' : '127.0.0.1'}:${service}`;
  if (second !== undefined) {
    const { sso, foo } = await freePorts();
    const [ownScheme = ''] = /proxy_set_header X-Forwarded-Proto .+/.exec(exampleOf(name)) ?? [];
    const receivedScheme = exampleOf(`${name} behind another proxy`).trim();
    const example =
      second === 'its own scheme' ? exampleOf(name) : exampleOf(name).replace(ownScheme, receivedScheme);
    await start(example, upstream, { https: sso, http: foo });
    upstream = `127.0.0.1:${foo}`;
  }
  await start(exampleOf(name), upstream, ports);
  // `origin` is the SSO service's, at which the proxy listens; `variables` is its command line's environment.
  return { origin, ports, authorityFile: certificates.authorityFile, variables: settings, warnings };
}

/** @param name the code block's language */
function exampleOf(name: string): string {
  const [, example] =
    new RegExp(`\`\`\`${name}\n(.+?)\`\`\``, 's').exec(readFileSync(OPERATIONS, 'utf8')) ?? [];
  if (example === undefined) throw new Error(`${OPERATIONS} has no example for ${name}`);
  return example;
}

/** The example with this machine's addresses. It also listens on http, to test the service's response. */
function adaptExample(
  example: string,
  name: ProxyName,
  { https, http }: { https: number; http: number },
  { certificateFile, keyFile }: Certificates,
): string {
  const site = example
    .replaceAll('/etc/ssl/sso.pem', certificateFile)
    .replaceAll('/etc/ssl/sso.key.pem', keyFile);
  if (name === 'caddy') {
    const [block = ''] = /reverse_proxy .+\n {2}\}/s.exec(site) ?? [];
    return [
      '{\n  admin off\n  auto_https off\n}',
      site.replace('sso.example.com {', `https://${HOST}:${https} {\n  bind 127.0.0.1`),
      `http://:${http} {\n  bind 127.0.0.1\n  ${block}\n}\n`,
    ].join('\n');
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (what) => `${what}_temp_path ${what};`,
  );
  const server = site
    .replace('listen 443 ssl;', `listen 127.0.0.1:${https} ssl;\n  listen 127.0.0.1:${http};`)
    .replace('sso.example.com', HOST);
  return [
    // Its workers must be able to read this folder.
    process.getuid?.() === 0 ? 'user root;' : '',
    'daemon off;\npid nginx.pid;\nworker_processes 1;\nevents {}',
    `http {\naccess_log off;\n${temporary.join('\n')}\n${server}}\n`,
  ].join('\n');
}

async function startProxy(name: ProxyName, folder: string, configuration: string): Promise<void> {
  mkdirSync(folder);
  const file = join(folder, 'configuration');
  writeFileSync(file, configuration);
  const args = {
    nginx: ['-p', folder, '-c', file, '-e', join(folder, 'error.log')],
    caddy: ['run', '--config', file, '--adapter', 'caddyfile'],
  }[name];
  const child = spawn(programOf(name) ?? name, args, {
    env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: 'ignore',
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
}

async function waitUntilListening(port: number): Promise<void> {
  const tryToConnect = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
  };
  await vi.waitFor(tryToConnect, 15_000);
}
