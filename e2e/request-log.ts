/** What reached a server, by its own request log: the one place where preflights can be counted. */
import { isReady } from '../scripts/site/readiness.ts';
import type { Site } from '../scripts/site/site.ts';
import type { ProcessName } from '../scripts/site/site-settings.ts';

interface LogLine {
  msg: string;
  method: string;
  /** The route's pattern; what was asked for stays out of the log. */
  route: string;
  status: number;
}

/**
 * @returns a function that tells what the server has answered since, in order: `POST / 200`. Requests for public keys
 * are left out: they come when a server first needs them.
 */
export async function watchRequests(site: Site, name: ProcessName): Promise<() => Promise<string[]>> {
  const before = (await writtenLog(site, name)).length;
  return async () =>
    (await writtenLog(site, name))
      .slice(before)
      .map((line) => JSON.parse(line) as LogLine)
      .filter(({ msg, route }) => msg === 'request' && !route.startsWith('/.well-known/'))
      .map(({ method, route, status }) => `${method} ${route} ${status}`);
}

/**
 * A server writes its line after its answer has left. Once it answers the next request the line is there, but for
 * requests that it refused without reading them to their end: so stories poll for what they expect.
 */
async function writtenLog(site: Site, name: ProcessName): Promise<string[]> {
  await isReady(site[name].address, site.authorityFile);
  return site[name].log();
}
