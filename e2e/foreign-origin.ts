/** A web server that belongs to nobody here: an empty page, at whatever host under `.localhost`. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Certificates, localCertificates } from '../scripts/site/certificates.ts';
import { hosts, type Scheme, siteName } from '../scripts/site/site-settings.ts';

/** The strangers that there are. The last has the name of an app, to be met under the other scheme. */
export const strangerHosts = {
  sameSite: `evil.${siteName}`,
  otherSite: 'evil.other.localhost',
  foo: hosts.foo,
} as const;

export type StrangerName = keyof typeof strangerHosts;

export type StrangerCertificates = Record<StrangerName, Certificates>;

/** Of authorities of their own: that of the site vouches for the site's servers alone. */
export async function strangerCertificates(folder: string): Promise<StrangerCertificates> {
  const { sameSite, otherSite, foo } = strangerHosts;
  const neighbours = await localCertificates(join(folder, 'neighbours'), siteName, [sameSite, foo]);
  const others = await localCertificates(join(folder, 'others'), 'other.localhost', [otherSite]);
  return { sameSite: neighbours, foo: neighbours, otherSite: others };
}

export interface Stranger {
  origin: string;
  stop(): Promise<void>;
}

async function startStranger(
  scheme: Scheme,
  name: StrangerName,
  certificates: StrangerCertificates,
): Promise<Stranger> {
  const { certificateFile, keyFile } = certificates[name];
  const server =
    scheme === 'http'
      ? createHttpServer()
      : createHttpsServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) });
  server.on('request', (_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end('<!doctype html><html lang="en"><title>Stranger</title><h1>Stranger</h1></html>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${scheme}://${strangerHosts[name]}:${port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** For the fixtures of either browser: lends strangers to a story, and stops them at its end. */
export async function lendStrangers(
  certificates: StrangerCertificates,
  use: (start: (scheme: Scheme, name: StrangerName) => Promise<Stranger>) => Promise<void>,
): Promise<void> {
  const started: Stranger[] = [];
  await use(async (scheme, name) => {
    const stranger = await startStranger(scheme, name, certificates);
    started.push(stranger);
    return stranger;
  });
  for (const stranger of started) await stranger.stop();
}
