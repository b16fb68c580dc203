/**
 * A proxy in front of foo that lets browsers store its document, which foo's server forbids. Browsers then
 * restore it from their back/forward cache, as they do with the pages of apps that don't send `no-store`.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { certificatesOf, startServer } from './server.ts';
import type { StorySite } from './story-site.ts';

export interface CachingProxy {
  /** Chromium's switch that sends requests for foo to the proxy. */
  browserSwitch: string;
  stop(): Promise<void>;
}

export async function startCachingProxy(site: StorySite): Promise<CachingProxy> {
  const certificates = await certificatesOf(site);
  const ca = certificates === null ? undefined : readFileSync(certificates.authorityFile);
  const { request } = certificates === null ? http : https;
  const { port, close } = await startServer(certificates, (incoming, outgoing) => {
    const { method, url = '/', headers } = incoming;
    const forwarded = request(new URL(url, site.foo.address), { method, headers, ca }, (response) => {
      if (url === '/') response.headers['cache-control'] = 'no-cache';
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  const { host } = new URL(site.foo.origin);
  return { browserSwitch: `--host-resolver-rules=MAP ${host} 127.0.0.1:${port}`, stop: close };
}
