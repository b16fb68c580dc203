/** The plugin's options and their validation at registration. */
import { inspect } from 'node:util';
import {
  ConfigError,
  escapeLine,
  isPostgresUrl,
  parsePostgresUrl,
  registrableDomain,
  validateBasePath,
  validateDatabasePath,
  validateOrigin,
  validatePath,
  validateServerUrl,
} from '@samesite-sso/core';
import type { AppStore } from './storage/app-store.ts';

/** The README describes each option in full. */
export interface RelyingAppOptions {
  /** This app's origin, at which people open it. It is the app's only id. */
  origin: string;
  /** The SSO service's origin. */
  ssoOrigin: string;
  /** The URL at which this app's server reaches the SSO service; by default `ssoOrigin`. */
  ssoServerUrl?: string;
  /**
   * This app's database: the path of a SQLite file, beside which the app's keys are kept, or the URL of a
   * PostgreSQL database, which also holds the keys. Required without `store`.
   */
  database?: string;
  /** Path of the keys that seal this app's own keys in a PostgreSQL database. Required with a URL. */
  sealingKeyFile?: string;
  /** A store of the app's own, in place of `database`. */
  store?: AppStore;
  /** Path of this app's keys, if it has a `store`. The file is created if it's missing. */
  keyFile?: string;
  /** Lifetime of an app session in seconds; by default 1800. */
  sessionSeconds?: number;
  /** The path below which the plugin mounts its routes: `/api` for `/api/session`. By default none. */
  basePath?: string;
  /** Other origins of the site whose pages may use a person's session here. Trust them as the app's own. */
  corsOrigins?: readonly string[];
  /** Other origins of the site whose pages may open a WebSocket here with a person's session. */
  webSocketOrigins?: readonly string[];
  /** The current time in milliseconds since the epoch; by default `Date.now`. */
  clock?: () => number;
}

/** @returns why the value is invalid, such as "is not a string", or null */
type Check = (value: unknown) => string | null;

const string =
  (check: (value: string) => string | null): Check =>
  (value) =>
    typeof value === 'string' ? check(value) : 'is not a string';

const isOriginList: Check = (value) => (Array.isArray(value) ? null : 'is not an array of origins');

const CHECKS: Record<keyof RelyingAppOptions, Check> = {
  origin: string(validateOrigin),
  ssoOrigin: string(validateOrigin),
  ssoServerUrl: string(validateServerUrl),
  database: string(validateDatabase),
  sealingKeyFile: string(validatePath),
  store: validateStore,
  keyFile: string(validateDatabasePath),
  sessionSeconds: (value) =>
    Number.isSafeInteger(value) && (value as number) >= 1 ? null : 'is not a positive integer',
  basePath: string(validateBasePath),
  corsOrigins: isOriginList,
  webSocketOrigins: isOriginList,
  clock: (value) => (typeof value === 'function' ? null : 'is not a function'),
};
const NAMES = Object.keys(CHECKS) as (keyof RelyingAppOptions)[];
const REQUIRED: readonly string[] = ['origin', 'ssoOrigin'] satisfies (keyof RelyingAppOptions)[];

const STORAGE_OPTIONS = ['database', 'sealingKeyFile', 'store', 'keyFile'] as const;

/** The functions that an app's own store must have. */
const STORE_FUNCTIONS = {
  sessions: ['start', 'find', 'endBySid', 'end', 'purgeExpired'],
  signOuts: ['has', 'isPending', 'claim', 'settle'],
  endedSessions: ['position', 'readAfter'],
} as const satisfies { [Part in keyof AppStore]?: readonly (keyof AppStore[Part])[] };

/** @throws {ConfigError} with all errors, each by the name of its option */
export function validateOptions(options: RelyingAppOptions): void {
  const errors = Object.keys(options)
    .filter((name) => !Object.hasOwn(CHECKS, name))
    .map((name) => {
      const remedy =
        name === 'prefix'
          ? 'set basePath, or register the plugin in a scope that has the prefix'
          : `the options are ${NAMES.join(', ')}`;
      return `${show(name)} is not an option of relyingApp; ${remedy}`;
    });
  const isValid = (name: string, value: unknown, check: Check): boolean => {
    const reason = check(value);
    if (reason !== null) errors.push(`${name}: ${showOption(name, value)} ${reason}`);
    return reason === null;
  };
  const valid = NAMES.filter((name) => {
    const value: unknown = options[name];
    if (value !== undefined) return isValid(name, value, CHECKS[name]);
    if (REQUIRED.includes(name)) errors.push(`${name} is missing`);
    return !REQUIRED.includes(name);
  });
  for (const name of ['corsOrigins', 'webSocketOrigins'] as const) {
    if (!valid.includes(name)) continue;
    for (const origin of options[name] ?? []) isValid(name, origin, string(validateOrigin));
  }
  if (STORAGE_OPTIONS.every((name) => valid.includes(name))) errors.push(...validateStorage(options));
  if (valid.includes('origin') && valid.includes('ssoOrigin')) errors.push(...validateSite(options));
  if (errors.length > 0) throw new ConfigError(errors);
}

function validateDatabase(value: string): string | null {
  if (!isPostgresUrl(value)) return validateDatabasePath(value);
  try {
    parsePostgresUrl(value);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const isUrl = (value: unknown): boolean => typeof value === 'string' && isPostgresUrl(value);

function validateStore(value: unknown): string | null {
  const store: Record<string, Record<string, unknown> | undefined> = Object(value);
  const missing = Object.entries(STORE_FUNCTIONS)
    .flatMap(([part, names]) =>
      names.map((name) => ({ name: `${part}.${name}`, value: store[part]?.[name] })),
    )
    .concat(['isReady', 'close'].map((name) => ({ name, value: store[name] })))
    .find(({ value }) => typeof value !== 'function');
  return missing === undefined ? null : `has no function ${missing.name}`;
}

/** Requires either a database or a store, and the files of keys that it needs. */
function validateStorage({ database, sealingKeyFile, store, keyFile }: RelyingAppOptions): string[] {
  if (store !== undefined) {
    return [
      ...(database === undefined ? [] : ['database and store exclude each other']),
      ...(keyFile === undefined ? ["keyFile is missing; a store doesn't hold the app's keys"] : []),
    ];
  }
  if (database === undefined) return ['database is missing'];
  if (sealingKeyFile === undefined && isUrl(database)) {
    return ['sealingKeyFile is missing; the keys in a PostgreSQL database are sealed'];
  }
  return keyFile === undefined
    ? []
    : ['keyFile is for a store; with a database, the keys are beside it or in it'];
}

function validateSite({ origin, ssoOrigin }: RelyingAppOptions): string[] {
  if (origin === ssoOrigin) return [`origin: ${show(origin)} is also ssoOrigin; they must differ`];
  const [site, ssoSite] = [registrableDomain(new URL(origin)), registrableDomain(new URL(ssoOrigin))];
  if (site === ssoSite) return [];
  return [
    `origin: ${show(origin)} belongs to the site ${site}, and ssoOrigin to ${ssoSite}: browsers would ` +
      "withhold the SSO session's cookie",
  ];
}

/** Hides a value that may contain the password of a database. */
function showOption(name: string, value: unknown): string {
  if (name === 'database' && isUrl(value)) return 'the URL';
  return name === 'store' ? 'the store' : show(value);
}

/** A value on one line, shortened, for a message. */
function show(value: unknown): string {
  const full =
    typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 0, breakLength: 110 });
  return escapeLine(full.length > 200 ? `${full.slice(0, 200)}…` : full);
}
