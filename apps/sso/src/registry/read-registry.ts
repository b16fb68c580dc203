/**
 * Reads the app registry: which origins are relying apps of this site. A registry is refused if it has an app
 * that couldn't work, or whose requests browsers would send without the SSO cookie.
 */
import {
  ConfigError,
  parseOrigin,
  quote,
  readJsonArray,
  registrableDomain,
  requireWriteProtectedFile,
  tryStat,
  validateAppServer,
  validateOrigin,
} from '@samesite-sso/core';
import { boundedString, GroupName } from '@samesite-sso/protocol';
import * as v from 'valibot';
import type { AppRequirement } from '../storage/stores.ts';

const MAX_GROUPS = 32;

// `strictObject` would report only the first of several unknown members.
const AppEntry = v.object({
  origin: boundedString(1, 512),
  name: boundedString(1, 128),
  server: v.exactOptional(boundedString(1, 512)),
  groups: v.exactOptional(
    v.pipe(
      v.array(GroupName, 'must be an array of group names'),
      v.minLength(1, 'must have at least one group'),
      v.maxLength(MAX_GROUPS, `must have at most ${MAX_GROUPS} groups`),
      v.check((names) => new Set(names).size === names.length, 'must have each group once'),
    ),
  ),
  secondFactor: v.exactOptional(v.boolean('must be true or false')),
});
type AppEntry = v.InferOutput<typeof AppEntry>;

export interface RegisteredApp extends AppRequirement {
  /** Its only id. */
  origin: string;
  name: string;
  /** Base URL at which the SSO service reaches the app's server, with the app's base path if it has one. */
  server: string;
}

/**
 * @param file path of the registry, a JSON array of apps
 * @param ssoOrigin the SSO service's origin, whose site the apps must share; null if SSO_ORIGIN is invalid:
 *   the entries are still validated, so that all errors appear at once
 * @throws {ConfigError} with all errors of all apps
 */
export function readRegistry(
  file: string,
  ssoOrigin: string | null,
): { apps: RegisteredApp[]; warnings: string[] } {
  const apps: RegisteredApp[] = [];
  const warnings: string[] = [];
  const errors: string[] = [];
  const originByHost = new Map(ssoOrigin === null ? [] : [[new URL(ssoOrigin).hostname, ssoOrigin]]);
  const { elements, elementPlaces } = readEntries(file);
  for (const [index, entry] of elements.entries()) {
    const reasons = validateEntry(entry, ssoOrigin, apps);
    if (reasons.length > 0) {
      const { line, column } = elementPlaces[index] as { line: number; column: number };
      const place = `SSO_APPS: ${file}, line ${line}, column ${column}: app ${index + 1}`;
      errors.push(...reasons.map((reason) => `${place} ${reason}`));
      continue;
    }
    const { origin, name, server = origin, groups, secondFactor = false } = entry as AppEntry;
    apps.push({ origin, name, server, groups: groups?.toSorted() ?? null, secondFactor });
    const { protocol, hostname } = new URL(origin);
    if (ssoOrigin !== null && protocol !== new URL(ssoOrigin).protocol) {
      warnings.push(
        `${origin} has another scheme than ${ssoOrigin}: browsers such as Chromium treat it as cross-site`,
      );
    }
    // RFC 6265bis, section 8.5: cookies are not isolated by port.
    const neighbor = originByHost.get(hostname);
    if (neighbor !== undefined) {
      warnings.push(`${origin} has the host of ${neighbor}: browsers give each of them the other's cookies`);
    }
    originByHost.set(hostname, origin);
  }
  if (errors.length > 0) throw new ConfigError(errors);
  return { apps, warnings };
}

function readEntries(file: string): ReturnType<typeof readJsonArray> {
  try {
    // Reading a pipe could wait forever, and its content can't be read again.
    if (tryStat(file).status?.isFile() === false) throw new Error(`${file} is not a regular file`);
    // Anyone who can write the registry can add an app that signs people in silently.
    requireWriteProtectedFile(file);
    return readJsonArray(file, 'a JSON array of apps');
  } catch (error) {
    throw new ConfigError(`SSO_APPS: ${(error as Error).message}`);
  }
}

/** Reports schema errors; if there are none, checks the values. */
function validateEntry(entry: unknown, ssoOrigin: string | null, apps: readonly RegisteredApp[]): string[] {
  const schemaErrors = validateSchema(entry);
  if (schemaErrors.length > 0) return schemaErrors;
  const { origin, name, server } = entry as AppEntry;
  const serverError = server === undefined ? null : validateAppServer(server);
  return [
    validateAppOrigin(origin, ssoOrigin, apps),
    /\p{Cc}/u.test(name) ? 'has a "name" with a control character' : null,
    serverError && `has a "server" that ${serverError} (it is ${quote(server ?? '')})`,
  ].filter((reason) => reason !== null);
}

function validateSchema(entry: unknown): string[] {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return ['is not an object such as {"origin": "https://…", "name": "…", "server": "https://…"}'];
  }
  const { issues = [] } = v.safeParse(AppEntry, entry);
  const wrong = issues.map((issue) => {
    const [name, index] = (issue.path ?? []).map(({ key }) => key);
    if (!Object.hasOwn(entry, String(name))) return `has no "${name}"`;
    const what = index === undefined ? 'it' : `element ${Number(index) + 1}`;
    return `has an invalid "${name}": ${what} ${issue.message}`; // No message quotes the value.
  });
  const known = Object.keys(AppEntry.entries);
  const unknown = Object.keys(entry)
    .filter((name) => !known.includes(name))
    .map((name) => `has the member ${quote(name)}, which is unknown; known are "${known.join('", "')}"`);
  return [...wrong, ...unknown];
}

function validateAppOrigin(
  origin: string,
  ssoOrigin: string | null,
  apps: readonly RegisteredApp[],
): string | null {
  const url = parseOrigin(origin);
  const reason = validateOrigin(origin);
  if (url === null || reason !== null) return `has the origin ${quote(origin)}, which ${reason}`;
  if (origin === ssoOrigin) return `has the SSO service's own origin, ${origin}`;
  if (apps.some((app) => app.origin === origin))
    return `has the origin ${origin}, which another app has already`;
  if (ssoOrigin === null) return null;
  const sso = new URL(ssoOrigin);
  if (registrableDomain(url) === registrableDomain(sso)) return null;
  return (
    `has the origin ${origin}, which is of the site ${registrableDomain(url)}, while the SSO service is of ` +
    `${registrableDomain(sso)}: browsers would withhold the SSO session's cookie`
  );
}
