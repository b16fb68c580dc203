/** What a relying app must say about itself, and what is refused at start. */
import { originFault, registrableDomain, StartFault, serverUrl } from '@samesite-sso/service';

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

/** @throws {StartFault} naming every fault */
export function refuseFaultyOptions(options: RelyingAppOptions): void {
  const { origin, ssoOrigin, ssoServerUrl = ssoOrigin, sessionSeconds = 1 } = options;
  const faults: string[] = [];
  if (!Number.isInteger(sessionSeconds) || sessionSeconds < 1) {
    faults.push(`sessionSeconds is ${sessionSeconds}, not a whole number of seconds from 1 up`);
  }
  for (const each of [origin, ssoOrigin]) {
    const fault = originFault(each);
    if (fault !== null) faults.push(`${each} ${fault}`);
  }
  try {
    serverUrl(ssoServerUrl);
  } catch (error) {
    faults.push(`the SSO service's server ${(error as Error).message}`);
  }
  if (faults.length === 0) {
    const [site, ssoSite] = [registrableDomain(new URL(origin)), registrableDomain(new URL(ssoOrigin))];
    if (origin === ssoOrigin)
      faults.push(`${origin} is the app's origin and the SSO service's; they must differ`);
    if (site !== ssoSite) {
      faults.push(
        `${origin} is of the site ${site}, while the SSO service is of ${ssoSite}: browsers would withhold its cookie`,
      );
    }
  }
  for (const name of ['corsOrigins', 'webSocketOrigins'] as const) {
    for (const each of options[name] ?? []) {
      const fault = originFault(each);
      if (fault !== null) faults.push(`${name}: ${each} ${fault}`);
    }
  }
  if (faults.length > 0) throw new StartFault(faults);
}
