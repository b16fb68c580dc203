/** What reached a server, by its own request log: the one place where preflights can be counted. */
import { expect } from '@playwright/test';
import { statusOf } from '../scripts/site/readiness.ts';
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
      .filter((line) => !isMark(line))
      .map((line) => JSON.parse(line) as LogLine)
      .filter(({ msg, route }) => msg === 'request' && !route.startsWith('/.well-known/'))
      .map(({ method, route, status }) => `${method} ${route} ${status}`);
}

/** How this file leaves a mark in a log: by a request for what no server has. */
const isMark = (line: string) => line.includes('"method":"GET","route":"unknown","status":404');

/**
 * A server writes its line after its answer has left, so the log is read once a later request is in it: an earlier one
 * is then, too, unless it was refused without being read to its end. So stories poll for what they expect.
 */
async function writtenLog(site: Site, name: ProcessName): Promise<string[]> {
  const { address } = site[name];
  const marks = () => site[name].log().filter(isMark).length;
  const before = marks();
  await statusOf(new URL('/a-mark-in-the-log', address), site.authorityFile);
  await expect.poll(marks, { intervals: [10, 50, 100] }).toBeGreaterThan(before);
  return site[name].log();
}
