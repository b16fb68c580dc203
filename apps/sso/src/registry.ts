/**
 * The app registry: which origins are relying apps of this site. The operator's file is the only way in,
 * and an app that could not work, or that browsers would keep from its cookie, is refused at start.
 */
import { readFileSync } from 'node:fs';
import { originFault, parseOrigin, registrableDomain, StartFault, serverUrl } from '@samesite-sso/service';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const AppEntry = Type.Object(
  {
    origin: Type.String({ minLength: 1, maxLength: 512 }),
    name: Type.String({ minLength: 1, maxLength: 128 }),
    server: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
  },
  { additionalProperties: false },
);
type AppEntry = Static<typeof AppEntry>;

export interface RegisteredApp {
  /** Its only id. */
  origin: string;
  name: string;
  /** Base URL at which the SSO service reaches the app's server. */
  server: string;
}

/**
 * @param file path of the registry, a JSON array of apps
 * @param ssoOrigin the SSO service's origin, whose site the apps must share
 * @throws {StartFault} naming every fault of every app
 */
export function readRegistry(file: string, ssoOrigin: string): { apps: RegisteredApp[]; warnings: string[] } {
  const apps: RegisteredApp[] = [];
  const warnings: string[] = [];
  const faults: string[] = [];
  const seen = new Set<string>();
  const originByHost = new Map([[new URL(ssoOrigin).hostname, ssoOrigin]]);
  for (const [index, entry] of readEntries(file).entries()) {
    const fault = entryFault(entry, ssoOrigin, seen);
    if (fault !== null) {
      faults.push(`SSO_APPS: app ${index + 1} ${fault}`);
      continue;
    }
    const { origin, name, server = origin } = entry as AppEntry;
    seen.add(origin);
    apps.push({ origin, name, server });
    const { protocol, hostname } = new URL(origin);
    if (protocol !== new URL(ssoOrigin).protocol) {
      warnings.push(
        `${origin} has another scheme than ${ssoOrigin}: browsers such as Chromium treat it as cross-site`,
      );
    }
    // RFC 6265bis, section 8.5: cookies know no ports.
    const neighbour = originByHost.get(hostname);
    if (neighbour !== undefined) {
      warnings.push(`${origin} has the host of ${neighbour}: browsers give each of them the other's cookies`);
    }
    originByHost.set(hostname, origin);
  }
  if (faults.length > 0) throw new StartFault(faults);
  return { apps, warnings };
}

function readEntries(file: string): unknown[] {
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason =
      error instanceof SyntaxError
        ? 'is not JSON'
        : `cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throw new StartFault(`SSO_APPS: ${file} ${reason}`);
  }
  if (!Array.isArray(entries)) throw new StartFault(`SSO_APPS: ${file} is not a JSON array of apps`);
  return entries;
}

function entryFault(entry: unknown, ssoOrigin: string, seen: ReadonlySet<string>): string | null {
  if (!Value.Check(AppEntry, entry)) {
    return 'is not of the form {"origin": "https://…", "name": "…", "server": "https://…"}, with "server" optional';
  }
  const { origin, server } = entry;
  const app = parseOrigin(origin);
  const fault = originFault(origin);
  if (app === null || fault !== null) return `has the origin ${JSON.stringify(origin)}, which ${fault}`;
  if (origin === ssoOrigin) return `has the SSO service's own origin, ${origin}`;
  if (seen.has(origin)) return `has the origin ${origin}, which another app has already`;
  const sso = new URL(ssoOrigin);
  if (registrableDomain(app) !== registrableDomain(sso)) {
    return (
      `has the origin ${origin}, which is of the site ${registrableDomain(app)}, while the SSO service is of ` +
      `${registrableDomain(sso)}: browsers would withhold the SSO session's cookie`
    );
  }
  try {
    if (server !== undefined) serverUrl(server);
  } catch (error) {
    return `has a "server" that ${(error as Error).message}`;
  }
  return null;
}
