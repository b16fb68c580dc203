/**
 * A proxy in front of foo that lets browsers store its document, which foo's server forbids. Browsers then
 * restore it from their back/forward cache, as they do with the pages of apps that don't send `no-store`.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { startServer } from './server.ts';
import type { StorySite } from './story-site.ts';

export async function startCachingProxy({ certificates, foo }: StorySite) {
  const ca = certificates === null ? undefined : readFileSync(certificates.authorityFile);
  const { request } = certificates === null ? http : https;
  const { port, close } = await startServer(certificates, (incoming, outgoing) => {
    const { method, url = '/', headers } = incoming;
    const forwarded = request(new URL(url, foo.address), { method, headers, ca }, (response) => {
      if (url === '/') response.headers['cache-control'] = 'no-cache';
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  const { host } = new URL(foo.origin);
  /** Chromium's switch that sends requests for foo to the proxy. */
  const browserSwitch = `--host-resolver-rules=MAP ${host} 127.0.0.1:${port}`;
  return { browserSwitch, stop: close };
}
