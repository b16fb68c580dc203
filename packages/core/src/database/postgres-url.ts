/**
 * Parses the URL of a PostgreSQL database. Its parameters are a closed list, because a parameter that is
 * ignored, such as a misspelled `sslmode`, would be a false promise.
 */
import { isIP } from 'node:net';
import { inspect } from 'node:util';
import { quote } from '../files/escape-control-characters.ts';
import { validatePath } from '../files/file-path.ts';

const DEFAULT_PORT = 5432;
const DEFAULT_POOL_SIZE = 10;
const MAX_POOL_SIZE = 100;

/**
 * All three verify the certificate and the host name, as libpq's `verify-full` does. libpq's `require`
 * accepts any certificate, which stops eavesdroppers but not impostors.
 */
const TLS_MODES = ['require', 'verify-ca', 'verify-full'];

const PARAMETERS = ['sslmode', 'sslrootcert', 'pool_size'];

const EXAMPLE = 'postgres://user@host:5432/database?sslmode=verify-full';

export interface PostgresSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Whether connections use TLS and verify the server's certificate. */
  readonly isTls: boolean;
  /** Path of the CA certificates to trust, in place of Node's own list. */
  readonly authorityFile: string | undefined;
  /** How many connections a process may hold. */
  readonly poolSize: number;
}

/** Where a database is, and how to connect to it. Printing it never shows the password. */
export class PostgresUrl {
  readonly settings: PostgresSettings;
  readonly #password: string | undefined;

  constructor(settings: PostgresSettings, password: string | undefined) {
    this.settings = settings;
    this.#password = password;
  }

  get password(): string | undefined {
    return this.#password;
  }

  toString(): string {
    const { host, port, user, database } = this.settings;
    const name = isIP(host) === 6 ? `[${host}]` : host;
    return `postgres://${encodeURIComponent(user)}@${name}:${port}/${encodeURIComponent(database)}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/**
 * Whether a text must be parsed as a URL, and isn't the path of a file. That includes quoted URLs, typos such
 * as `postgres;//host`, other databases' URLs, and libpq's `password=…`: as invalid paths, they would be
 * printed with the password.
 */
export function isPostgresUrl(text: string): boolean {
  return (
    !/^file:\//i.test(text) &&
    (/:\/\/|\bpassword\s*=/i.test(text) || /^\W*postgres(ql)?([^\w/\\.-]|\/\/)/i.test(text))
  );
}

/**
 * Checks the form only: nothing is read, resolved or connected to.
 *
 * @throws {Error} whose message is one line, without the password
 */
export function parsePostgresUrl(text: string): PostgresUrl {
  const url = /^postgres(ql)?:\/\//i.test(text) ? URL.parse(text) : null;
  // Neither the text nor a part of it is quoted: where parsing failed, any part may be the password.
  if (url === null) throw new Error(`is not a URL such as ${EXAMPLE}; ${ENCODING_ADVICE}`);
  if (url.hash !== '') throw new Error(`contains a #; ${ENCODING_ADVICE}`);
  const password = url.password === '' ? undefined : decode('password', url.password);
  return new PostgresUrl(
    {
      host: readHost(url),
      port: url.port === '' ? DEFAULT_PORT : Number(url.port),
      user: readName('user', url.username),
      database: readName('database', url.pathname.slice(1)),
      ...readParameters(url.searchParams),
    },
    password,
  );
}

const ENCODING_ADVICE = 'special characters in a password must be percent-encoded';

function readHost({ hostname, port }: URL): string {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0 && !/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(host))
    throw new Error(`has no host, or more than one: it must be like ${EXAMPLE}`);
  if (port === '0') throw new Error('has the port 0');
  return host;
}

function readName(what: 'user' | 'database', encoded: string): string {
  const name = decode(what, encoded);
  if (name === '') throw new Error(`names no ${what}: it must be like ${EXAMPLE}`);
  if (/[/\p{Cc}]/u.test(name)) throw new Error(`has a ${what} with a slash or a control character`);
  return name;
}

function decode(what: string, encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new Error(`has a ${what} that is not percent-encoded UTF-8; write a % as %25`);
  }
}

function readParameters(parameters: URLSearchParams) {
  const names = [...parameters.keys()];
  // Not quoted: a question mark in a password that isn't percent-encoded makes the rest a parameter.
  if (!names.every((name) => PARAMETERS.includes(name)))
    throw new Error(`has an unknown parameter; it may have only ${PARAMETERS.join(', ')}`);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new Error(`has the parameter ${repeated} twice`);
  const isTls = readMode(parameters.get('sslmode'));
  const authorityFile = parameters.get('sslrootcert') ?? undefined;
  if (authorityFile !== undefined) {
    const reason = isTls ? validatePath(authorityFile) : 'needs sslmode=verify-full';
    if (reason !== null) throw new Error(`has a sslrootcert that ${reason}`);
  }
  return { isTls, authorityFile, poolSize: readPoolSize(parameters.get('pool_size')) };
}

function readMode(mode: string | null): boolean {
  if (mode === null || mode === 'disable') return false;
  if (TLS_MODES.includes(mode)) return true;
  throw new Error(`has the sslmode ${quote(mode)}; it must be disable, ${TLS_MODES.join(', ')}`);
}

function readPoolSize(text: string | null): number {
  if (text === null) return DEFAULT_POOL_SIZE;
  const size = Number(text);
  if (/^\d+$/.test(text) && size >= 1 && size <= MAX_POOL_SIZE) return size;
  throw new Error(`has the pool_size ${quote(text)}; it must be a whole number from 1 to ${MAX_POOL_SIZE}`);
}
