/** What a relying app must say about itself, and what is refused at start. */
import { inspect } from 'node:util';
import {
  ConfigError,
  databasePathReason,
  escapeLine,
  registrableDomain,
  validateBasePath,
  validateOrigin,
  validateServerUrl,
} from '@samesite-sso/core';

export interface RelyingAppOptions {
  /** This app's origin, under which people open it; its only id. */
  origin: string;
  /** The SSO service's origin. */
  ssoOrigin: string;
  /** Where this app's server reaches the SSO service's; by default `ssoOrigin`. */
  ssoServerUrl?: string;
  /** Path of this app's database of sessions; its keys are kept beside it. */
  database: string;
  /** How long an app session lives, in seconds; by default 30 minutes. */
  sessionSeconds?: number;
  /**
   * The path below which the plugin has its routes: `/api` for `/api/session`. By default none. The prefix of
   * the Fastify scope in which you register the plugin comes before it. Give the full path, both together, to
   * `createSso` on the page, and let `server` in the SSO service's registry end in it.
   */
  basePath?: string;
  /**
   * Other origins of the site whose pages may use a person's session here, exactly as a browser states them.
   * The guard and `request.sso` then let their requests through, so trust these pages as this app's own.
   * Their scripts can read the responses only if the app also sends CORS headers, for example by
   * `@fastify/cors` with `credentials`. It doesn't apply to WebSockets or to `/session`.
   */
  corsOrigins?: readonly string[];
  /**
   * Other origins of the site whose pages may open a WebSocket here with a person's session, exactly as a
   * browser states them. Such a page reads and writes as that person.
   */
  webSocketOrigins?: readonly string[];
  /** The time, in milliseconds since the epoch; by default `Date.now`. */
  clock?: () => number;
}

/** @returns the fault, in words that follow the value, or null */
type Check = (value: unknown) => string | null;

const text =
  (faultOf: (text: string) => string | null): Check =>
  (value) =>
    typeof value === 'string' ? faultOf(value) : 'is not a string';

const CHECKS: Record<keyof RelyingAppOptions, Check> = {
  origin: text(validateOrigin),
  ssoOrigin: text(validateOrigin),
  ssoServerUrl: text(validateServerUrl),
  database: text(databasePathReason),
  sessionSeconds: (value) =>
    Number.isSafeInteger(value) && (value as number) >= 1
      ? null
      : 'is not a whole number of seconds from 1 up',
  basePath: text(validateBasePath),
  corsOrigins: (value) => (Array.isArray(value) ? null : 'is not an array of origins'),
  webSocketOrigins: (value) => (Array.isArray(value) ? null : 'is not an array of origins'),
  clock: (value) => (typeof value === 'function' ? null : 'is not a function'),
};
const NAMES = Object.keys(CHECKS) as (keyof RelyingAppOptions)[];
const REQUIRED: readonly string[] = ['origin', 'ssoOrigin', 'database'] satisfies (keyof RelyingAppOptions)[];

/** @throws {ConfigError} naming every fault, each by the name of its option */
export function refuseFaultyOptions(options: RelyingAppOptions): void {
  const faults = Object.keys(options)
    .filter((name) => !Object.hasOwn(CHECKS, name))
    .map((name) => {
      const remedy =
        name === 'prefix'
          ? 'set basePath, or register the plugin in a scope that has the prefix'
          : `known are ${NAMES.join(', ')}`;
      return `${show(name)} is not an option of relyingApp; ${remedy}`;
    });
  const faultOf = (name: string, value: unknown, check: Check) => {
    const fault = check(value);
    if (fault !== null) faults.push(`${name}: ${show(value)} ${fault}`);
    return fault;
  };
  const faulty = NAMES.filter((name) => {
    const value: unknown = options[name];
    if (value !== undefined) return faultOf(name, value, CHECKS[name]) !== null;
    if (REQUIRED.includes(name)) faults.push(`${name} is missing`);
    return REQUIRED.includes(name);
  });
  for (const name of ['corsOrigins', 'webSocketOrigins'] as const) {
    if (faulty.includes(name)) continue;
    for (const each of options[name] ?? []) faultOf(name, each, text(validateOrigin));
  }
  if (!faulty.includes('origin') && !faulty.includes('ssoOrigin')) faults.push(...siteFaults(options));
  if (faults.length > 0) throw new ConfigError(faults);
}

function siteFaults({ origin, ssoOrigin }: RelyingAppOptions): string[] {
  if (origin === ssoOrigin) {
    return [`origin: ${show(origin)} is ssoOrigin, too; they must differ`];
  }
  const [site, ssoSite] = [registrableDomain(new URL(origin)), registrableDomain(new URL(ssoOrigin))];
  if (site === ssoSite) return [];
  return [
    `origin: ${show(origin)} is of the site ${site}, while ssoOrigin is of ${ssoSite}: browsers would ` +
      "withhold the SSO session's cookie",
  ];
}

/** A value on one line, shortened, for a message. */
function show(value: unknown): string {
  const full =
    typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 0, breakLength: 110 });
  return escapeLine(full.length > 200 ? `${full.slice(0, 200)}…` : full);
}
