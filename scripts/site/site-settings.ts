/** The site's three processes: their hosts and ports, and their environment variables. */
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';

export type Scheme = 'http' | 'https';

export type ProcessName = 'sso' | 'foo' | 'lorem';

/** A site may have the lab (lab.ts) as a fourth process. */
export type Ports = Readonly<Record<ProcessName | 'lab', number>>;

export type Environment = Readonly<Record<string, string>>;

/** A `postgres://` URL for each process. */
export type Databases = Readonly<Record<ProcessName, string>>;

export const processNames: readonly ProcessName[] = ['sso', 'foo', 'lorem'];

export const demoPorts: Ports = { sso: 4000, foo: 4001, lorem: 4002, lab: 4010 };

/** Hosts need three labels: to browsers, `foo.localhost` and `sso.localhost` are two sites. */
export const siteName = 'example.localhost';

export const hosts: Readonly<Record<ProcessName, string>> = {
  sso: `sso.${siteName}`,
  foo: `foo.app.${siteName}`,
  lorem: `lorem.app.${siteName}`,
};

const titles = { foo: 'Foo', lorem: 'Lorem' };

export type SiteSettings = {
  readonly scheme: Scheme;
  readonly ports: Ports;
  /** For databases, keys, and logs. */
  readonly folder: string;
  /** PostgreSQL databases to use in place of files. */
  readonly databases?: Databases | undefined;
  /** Null over http. */
  readonly certificates: Certificates | null;
};

export function originOf({ scheme, ports }: SiteSettings, name: ProcessName): string {
  return `${scheme}://${hosts[name]}:${ports[name]}`;
}

/** For servers and tests: few resolvers outside browsers know `*.localhost`. */
export function addressOf({ scheme, ports }: SiteSettings, name: ProcessName | 'lab'): string {
  return `${scheme}://127.0.0.1:${ports[name]}`;
}

/** A file's path, or a `postgres://` URL. */
export function databaseOf(
  { folder, databases }: Pick<SiteSettings, 'folder' | 'databases'>,
  name: ProcessName,
): string {
  return databases?.[name] ?? join(folder, `${name}.db`);
}

/** The key in this file seals the secrets of authenticator apps and, in PostgreSQL, the signing keys. */
export function sealingKeyFileOf({ folder }: Pick<SiteSettings, 'folder'>): string {
  return join(folder, 'sealing-key');
}

/** The variables by which a process and its command line find the database and the keys. */
export function storageEnvironmentOf(
  settings: Pick<SiteSettings, 'folder' | 'databases'>,
  name: ProcessName,
): Environment {
  const prefix = name === 'sso' ? 'SSO' : 'APP';
  return {
    [`${prefix}_DATABASE`]: databaseOf(settings, name),
    // Apps have secrets to seal in PostgreSQL only.
    ...((name === 'sso' || settings.databases) && {
      [`${prefix}_SEALING_KEY_FILE`]: sealingKeyFileOf(settings),
    }),
  };
}

export function registryFileOf({ folder }: SiteSettings): string {
  return join(folder, 'apps.json');
}

/** foo, lorem, and the other elements that the registry file had before. The SSO service validates them. */
export function registryOf(settings: SiteSettings, before: readonly unknown[]): unknown[] {
  const own = (['foo', 'lorem'] as const).map((name) => ({
    origin: originOf(settings, name),
    name: titles[name],
    server: addressOf(settings, name),
  }));
  const added = before.filter((app) => !own.some(({ origin }) => origin === Object(app).origin));
  return [...own, ...added];
}

export function environmentOf(settings: SiteSettings, name: ProcessName): Environment {
  const listen = `127.0.0.1:${settings.ports[name]}`;
  const tls = tlsOf(settings);
  if (name === 'sso') {
    return {
      ...tls,
      SSO_ORIGIN: originOf(settings, 'sso'),
      SSO_LISTEN: listen,
      ...storageEnvironmentOf(settings, 'sso'),
      SSO_APPS: registryFileOf(settings),
    };
  }
  const other = name === 'foo' ? 'lorem' : 'foo';
  return {
    ...tls,
    APP_ORIGIN: originOf(settings, name),
    APP_NAME: titles[name],
    APP_LISTEN: listen,
    ...storageEnvironmentOf(settings, name),
    APP_OTHER_NAME: titles[other],
    APP_OTHER_ORIGIN: originOf(settings, other),
    SSO_ORIGIN: originOf(settings, 'sso'),
    SSO_SERVER_URL: addressOf(settings, 'sso'),
  };
}

export function tlsOf({ certificates }: SiteSettings): Environment {
  if (certificates === null) return {};
  return {
    TLS_CERT_FILE: certificates.certificateFile,
    TLS_KEY_FILE: certificates.keyFile,
    NODE_EXTRA_CA_CERTS: certificates.authorityFile,
  };
}
