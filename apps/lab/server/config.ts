/**
 * The lab's configuration. The lab applies wrong CORS policies on purpose and shows what other servers
 * receive, so it starts only on loopback names, which no other machine can reach.
 */
import { accessSync, constants } from 'node:fs';
import { isIPv6 } from 'node:net';
import path from 'node:path';
import { ConfigError, isLoopback, quote, registrableDomain } from '@samesite-sso/core';
import {
  type Environment,
  filePath,
  type HostAndPort,
  hostAndPort,
  logLevel,
  oneOf,
  optional,
  origin,
  readEnvironment,
  readTls,
  required,
} from '@samesite-sso/server/config';
import * as v from 'valibot';
import { ReportUrl } from '../exchange/exchange.ts';
import { paths } from '../exchange/paths.ts';

export type Config = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} naming every error */
export function loadConfig(environment: Environment) {
  const values = readEnvironment(
    environment,
    {
      LAB_ORIGIN: required(loopbackOrigin),
      LAB_SAME_SITE_ORIGIN: required(loopbackOrigin),
      LAB_CROSS_SITE_ORIGIN: required(loopbackOrigin),
      LAB_LISTEN: required(hostAndPort),
      LAB_NETWORK: optional(oneOf('container'), undefined),
      LAB_REPORT_FILE: required(writablePath),
      LAB_REPORT_URL: optional(reportUrl, null),
      LAB_FOO_ORIGIN: required(loopbackOrigin),
      LAB_LOREM_ORIGIN: required(loopbackOrigin),
      LAB_SSO_ORIGIN: required(loopbackOrigin),
      TLS_CERT_FILE: optional(filePath, undefined),
      TLS_KEY_FILE: optional(filePath, undefined),
      LOG_LEVEL: optional(logLevel, 'info'),
    },
    {
      listen: ({ LAB_LISTEN, LAB_NETWORK }) => requireOwnMachine(LAB_LISTEN, LAB_NETWORK),
      tls: (values) => readTls(values.TLS_CERT_FILE, values.TLS_KEY_FILE, () => values.LAB_ORIGIN),
      sameSiteOrigin: ({ LAB_ORIGIN, LAB_SAME_SITE_ORIGIN }) =>
        requireTarget('LAB_SAME_SITE_ORIGIN', LAB_SAME_SITE_ORIGIN, LAB_ORIGIN, 'same-site'),
      crossSiteOrigin: ({ LAB_ORIGIN, LAB_CROSS_SITE_ORIGIN }) =>
        requireTarget('LAB_CROSS_SITE_ORIGIN', LAB_CROSS_SITE_ORIGIN, LAB_ORIGIN, 'cross-site'),
    },
  );
  return {
    /** The page's origin. The targets are other hosts of the same server. */
    origin: values.LAB_ORIGIN,
    sameSiteOrigin: values.sameSiteOrigin,
    crossSiteOrigin: values.crossSiteOrigin,
    listen: values.listen,
    reportFile: values.LAB_REPORT_FILE,
    /** Where the reporters reach this server. Null for 127.0.0.1. */
    reportUrl: values.LAB_REPORT_URL,
    fooOrigin: values.LAB_FOO_ORIGIN,
    loremOrigin: values.LAB_LOREM_ORIGIN,
    ssoOrigin: values.LAB_SSO_ORIGIN,
    tls: values.tls,
    logLevel: values.LOG_LEVEL,
  };
}

function loopbackOrigin(text: string): string {
  const value = origin(text);
  if (isLoopback(new URL(value))) return value;
  throw new Error(`is not on a loopback name; the lab is for demos on one machine (it is ${quote(text)})`);
}

/** Checked here, because the server writes the file only once it listens: too late for a `ConfigError`. */
function writablePath(text: string): string {
  const file = filePath(text);
  const folder = path.dirname(file);
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Error(`${file} can't be written: ${(error as NodeJS.ErrnoException).code} at ${folder}`);
  }
  return file;
}

function reportUrl(text: string): string {
  if (v.is(ReportUrl, text)) return text;
  throw new Error(
    `is not the URL ${paths.reports} on a loopback name or a name without a dot (it is ${quote(text)})`,
  );
}

/** @throws {ConfigError} if other machines could reach the address */
function requireOwnMachine(listen: HostAndPort, network: 'container' | undefined): HostAndPort {
  const host = isIPv6(listen.host) ? `[${listen.host}]` : listen.host;
  const url = URL.parse(`http://${host}`);
  if (network === 'container' || (url !== null && isLoopback(url))) return listen;
  throw new ConfigError(
    'LAB_LISTEN is not a loopback address. In a container whose port is published on loopback only, set ' +
      'LAB_NETWORK=container',
  );
}

/**
 * @param name the name of the target's variable
 * @throws {ConfigError} unless the target is another host of the same server, on the expected site
 */
function requireTarget(
  name: string,
  target: string,
  page: string,
  relation: 'same-site' | 'cross-site',
): string {
  const [targetUrl, pageUrl] = [new URL(target), new URL(page)];
  if (targetUrl.protocol !== pageUrl.protocol || targetUrl.port !== pageUrl.port) {
    throw new ConfigError(`${name} needs the scheme and port of LAB_ORIGIN: one server answers for both`);
  }
  if (targetUrl.hostname === pageUrl.hostname) {
    throw new ConfigError(`${name} needs another host than LAB_ORIGIN`);
  }
  const isSameSite = registrableDomain(targetUrl) === registrableDomain(pageUrl);
  if (isSameSite === (relation === 'same-site')) return target;
  throw new ConfigError(`${name} must be ${relation} to LAB_ORIGIN, as browsers compute sites`);
}
