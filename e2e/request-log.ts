/** The requests that reached a server, from its own log: the only place where preflights can be counted. */
import { expect } from '@playwright/test';
import { statusOf } from '../scripts/site/readiness.ts';
import type { Site } from '../scripts/site/site.ts';
import type { ProcessName } from '../scripts/site/site-settings.ts';

/** `route` is a pattern: the requested path isn't logged. */
type LogLine = Record<'msg' | 'method' | 'route' | 'status', string>;

/**
 * @returns a function that returns the server's responses since this call, in order, such as `POST / 200`.
 *   Requests for public keys are left out: servers send them when they first need a key.
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

/** A mark in a log: a request for an unknown path. */
const isMark = (line: string) => line.includes('"method":"GET","route":"unknown","status":404');

/**
 * A server logs a request after its response, so this sends one more request and reads the log once that is
 * in it. Earlier requests are then in it, too, unless a server refused them before it had read them
 * completely. Stories poll for the requests that they expect.
 */
async function writtenLog(site: Site, name: ProcessName): Promise<string[]> {
  const { address } = site[name];
  const marks = () => site[name].log().filter(isMark).length;
  const before = marks();
  await statusOf(new URL('/a-mark-in-the-log', address), site.certificates?.authorityFile ?? null);
  await expect.poll(marks, { intervals: [10, 50, 100], timeout: 15_000 }).toBeGreaterThan(before);
  return site[name].log();
}
