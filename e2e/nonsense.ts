/** A server in the SSO service's place, at its very address, that answers the page nonsense, late, or not at all. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import type { Site } from './test.ts';

/**
 * While the SSO service itself is stopped.
 *
 * @param respond to each request but preflights, which are answered rightly
 * @returns a function that ends it
 */
export async function startNonsense(
  site: Site,
  respond: (response: ServerResponse) => void,
): Promise<() => Promise<void>> {
  const { sso, authorityFile, folder } = site;
  const read = (name: string) => readFileSync(join(folder, 'certificates', name));
  const answer: RequestListener = ({ method, headers }, response) => {
    response.setHeader('Access-Control-Allow-Origin', headers.origin ?? '*');
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader('Access-Control-Allow-Headers', 'Content-Type');
    if (method === 'OPTIONS') response.writeHead(204).end();
    else respond(response.setHeader('Content-Type', 'application/json'));
  };
  const server =
    authorityFile === null
      ? http.createServer(answer)
      : https.createServer({ cert: read('site.pem'), key: read('site.key.pem') }, answer);
  server.listen(Number(new URL(sso.address).port), '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
}
