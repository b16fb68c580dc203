/** Servers at origins that aren't registered. Each serves an empty page, under `.localhost`. */
import { join } from 'node:path';
import { type Certificates, localCertificates } from '../scripts/site/certificates.ts';
import { hosts, type Scheme, siteName } from '../scripts/site/site-settings.ts';
import { startServer } from './server.ts';

/** The last is the host of an app, for an origin that differs only in its scheme. */
export const foreignHosts = {
  sameSite: `evil.${siteName}`,
  otherSite: 'evil.other.localhost',
  foo: hosts.foo,
} as const;

export type ForeignHost = keyof typeof foreignHosts;

export type ForeignCertificates = Record<ForeignHost, Certificates>;

/** Their own authorities issue them, since the key of the site's authority is never stored. */
export async function foreignCertificates(folder: string): Promise<ForeignCertificates> {
  const { sameSite, otherSite, foo } = foreignHosts;
  const siblings = await localCertificates(join(folder, 'siblings'), [siteName], [sameSite, foo]);
  const others = await localCertificates(join(folder, 'others'), ['other.localhost'], [otherSite]);
  return { sameSite: siblings, foo: siblings, otherSite: others };
}

/** Starts a server. @returns its origin */
export type StartForeignOrigin = (scheme: Scheme, host: ForeignHost) => Promise<{ origin: string }>;

/** For the fixtures of both browsers: lends servers to a story and stops them when it ends. */
export async function lendForeignOrigins(
  certificates: ForeignCertificates,
  use: (start: StartForeignOrigin) => Promise<void>,
): Promise<void> {
  const started: (() => Promise<void>)[] = [];
  await use(async (scheme, host) => {
    const server = await startServer(scheme === 'http' ? null : certificates[host], (_request, response) => {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end('<!doctype html><html lang="en"><title>Foreign</title><h1>Foreign</h1></html>');
    });
    started.push(server.close);
    return { origin: `${scheme}://${foreignHosts[host]}:${server.port}` };
  });
  for (const stop of started) await stop();
}
