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
  if (faults.length > 0) throw new StartFault(faults);
}
