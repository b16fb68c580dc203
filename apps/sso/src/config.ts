/** The SSO service's configuration, read from its environment. `registry/read-registry.ts` reads its apps. */
import { OPEN_FILES_VARIABLE, type SealingKeys } from '@samesite-sso/core';
import {
  days,
  type Environment,
  filePath,
  type HostAndPort,
  hostAndPort,
  limit,
  logLevel,
  networks,
  openFilesFolder,
  optional,
  origin,
  readEnvironment,
  readTls,
  required,
  requireSealingKeys,
  sealingKeys,
  seconds,
  type Tls,
  unlessInvalid,
  usableDatabase,
  words,
} from '@samesite-sso/server/config';
import { DEFAULT_LIMITS } from './accounts/client-networks.ts';
import { type RegisteredApp, readRegistry } from './registry/read-registry.ts';
import type { NetworkLimits } from './storage/stores.ts';

export interface Config {
  /** The service's own origin: the issuer of its tokens. */
  origin: string;
  listen: HostAndPort;
  /** Path of a SQLite database, beside which the signing keys are kept, or a `postgres://` URL. */
  database: string;
  /** The keys that seal secrets in the database. They are never null with PostgreSQL. */
  sealing: SealingKeys | null;
  /** Path of the app registry, which is read again when it changes. */
  registryFile: string;
  /** The apps that it had at start. */
  apps: readonly RegisteredApp[];
  /** Logged at start. */
  warnings: readonly string[];
  tls: Tls | null;
  /** Addresses and networks of the proxies whose `X-Forwarded-For` is trusted. */
  trustedProxies: readonly string[];
  tokenSeconds: number;
  sessionIdleSeconds: number;
  sessionMaxSeconds: number;
  /** How many sign-ins may fail from one address, for one account and in total. */
  failureLimits: NetworkLimits;
  /** How long audit records are kept. */
  auditDays: number;
  /** Names of the site and its apps, which passwords must not consist of (NIST SP 800-63B). */
  contextWords: readonly string[];
  logLevel: string;
}

/** The variables that limit failed sign-ins. The command line reads them too. */
export const FAILURE_LIMITS = {
  SSO_MAX_FAILURES_PER_ACCOUNT: optional(limit, DEFAULT_LIMITS.maxFailuresPerAccount),
  SSO_MAX_FAILURES_PER_ADDRESS: optional(limit, DEFAULT_LIMITS.maxFailures),
};

export function toFailureLimits(values: Record<keyof typeof FAILURE_LIMITS, number>): NetworkLimits {
  return {
    maxFailuresPerAccount: values.SSO_MAX_FAILURES_PER_ACCOUNT,
    maxFailures: values.SSO_MAX_FAILURES_PER_ADDRESS,
  };
}

/** @throws {ConfigError} with all errors of the environment and of the registry at once */
export function loadConfig(environment: Environment): Config {
  const values = readEnvironment(
    environment,
    {
      SSO_ORIGIN: required(origin),
      SSO_LISTEN: required(hostAndPort),
      SSO_DATABASE: required(usableDatabase),
      SSO_SEALING_KEY_FILE: optional(sealingKeys, null),
      SSO_APPS: required(filePath),
      SSO_TRUSTED_PROXIES: optional(networks, []),
      TLS_CERT_FILE: optional(filePath, undefined),
      TLS_KEY_FILE: optional(filePath, undefined),
      [OPEN_FILES_VARIABLE]: optional(openFilesFolder, undefined),
      SSO_TOKEN_SECONDS: optional(seconds, 30),
      SSO_SESSION_IDLE_SECONDS: optional(seconds, 2 * 60 * 60),
      SSO_SESSION_MAX_SECONDS: optional(seconds, 12 * 60 * 60),
      ...FAILURE_LIMITS,
      SSO_AUDIT_DAYS: optional(days, 90),
      SSO_PASSWORD_WORDS: optional(words, []),
      LOG_LEVEL: optional(logLevel, 'info'),
    },
    {
      sealing: (values) =>
        requireSealingKeys('SSO_SEALING_KEY_FILE', values.SSO_DATABASE, values.SSO_SEALING_KEY_FILE),
      registry: (values) =>
        readRegistry(
          values.SSO_APPS,
          unlessInvalid(() => values.SSO_ORIGIN),
        ),
      tls: (values) => readTls(values.TLS_CERT_FILE, values.TLS_KEY_FILE, () => values.SSO_ORIGIN),
    },
  );
  return {
    origin: values.SSO_ORIGIN,
    listen: values.SSO_LISTEN,
    database: values.SSO_DATABASE,
    sealing: values.sealing,
    registryFile: values.SSO_APPS,
    ...values.registry,
    tls: values.tls,
    trustedProxies: values.SSO_TRUSTED_PROXIES,
    tokenSeconds: values.SSO_TOKEN_SECONDS,
    sessionIdleSeconds: values.SSO_SESSION_IDLE_SECONDS,
    sessionMaxSeconds: values.SSO_SESSION_MAX_SECONDS,
    failureLimits: toFailureLimits(values),
    auditDays: values.SSO_AUDIT_DAYS,
    contextWords: values.SSO_PASSWORD_WORDS,
    logLevel: values.LOG_LEVEL,
  };
}
