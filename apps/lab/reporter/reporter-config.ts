/**
 * The reporter's configuration, read from the environment of the server that preloads it. It is demo
 * equipment, so it refuses to run in a server whose origins aren't on loopback names.
 */
import { isLoopback, validateOrigin, validateServerUrl } from '@samesite-sso/core';
import {
  type Environment,
  filePath,
  oneOf,
  optional,
  origin,
  readEnvironment,
  required,
} from '@samesite-sso/server/config';
import { type ProcessName, processNames } from '../exchange/exchange.ts';

export interface ReporterConfig {
  readonly process: ProcessName;
  /** The file that the lab's server writes at each start. */
  readonly reportFile: string;
  /** The addresses of the site's key sets, by issuer: the origins of its servers. */
  readonly keySets: ReadonlyMap<string, string>;
}

/** @throws {ConfigError} with all errors at once */
export function loadReporterConfig(environment: Environment): ReporterConfig {
  const isApp = environment['LAB_PROCESS'] !== 'sso';
  const values = readEnvironment(environment, {
    LAB_PROCESS: required(oneOf(...processNames)),
    LAB_REPORT_FILE: required(filePath),
    LAB_KEY_SETS: required(keySets),
    // An app knows both origins. Either one reveals a production site.
    SSO_ORIGIN: required(loopbackOrigin),
    APP_ORIGIN: isApp ? required(loopbackOrigin) : optional(loopbackOrigin, undefined),
  });
  return {
    process: values.LAB_PROCESS,
    reportFile: values.LAB_REPORT_FILE,
    keySets: values.LAB_KEY_SETS,
  };
}

function loopbackOrigin(value: string): string {
  if (isLoopback(new URL(origin(value)))) return value;
  throw new Error(`is not on a loopback name, and the lab's reporter is for the demo only (it is ${value})`);
}

/** Pairs such as `http://sso.example.localhost:4000=http://127.0.0.1:4000/.well-known/jwks.json`. */
function keySets(value: string): ReadonlyMap<string, string> {
  return new Map(value.trim().split(/\s+/).map(toKeySet));
}

function toKeySet(pair: string): [issuer: string, url: string] {
  const [issuer = '', url = ''] = pair.split(/=(.*)/s, 2);
  const reason =
    (validateOrigin(issuer) === null ? null : 'is not an origin, =, and a URL') ??
    (URL.canParse(url) ? validateServerUrl(new URL(url).origin) : 'has no URL after =');
  if (reason !== null) throw new Error(`contains ${JSON.stringify(pair)}, which ${reason}`);
  return [issuer, url];
}
