/**
 * A proxy in front of foo that allows what foo's server forbids: that browsers keep its document. So they take it out
 * of their back/forward cache, as they do with the pages of apps that set no such header.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Site } from './test.ts';

export interface KeepingProxy {
  /** The switch by which a browser goes through the proxy wherever it means foo. */
  browserSwitch: string;
  stop(): Promise<void>;
}

export async function startKeepingProxy(site: Site): Promise<KeepingProxy> {
  const { foo, authorityFile, folder } = site;
  const read = (name: string) => readFileSync(join(folder, 'certificates', name));
  const tls = authorityFile === null ? null : { cert: read('site.pem'), key: read('site.key.pem') };
  const { request } = tls ? https : http;
  const serve: RequestListener = (incoming, outgoing) => {
    const { method, url = '/', headers } = incoming;
    const options = { method, headers, ...(tls && { ca: read('authority.pem') }) };
    const onward = request(new URL(url, foo.address), options, (answer) => {
      if (url === '/') answer.headers['cache-control'] = 'no-cache';
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  };
  const server = tls ? https.createServer(tls, serve) : http.createServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { host } = new URL(site.foo.origin);
  const { port } = server.address() as AddressInfo;
  return {
    browserSwitch: `--host-resolver-rules=MAP ${host} 127.0.0.1:${port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
