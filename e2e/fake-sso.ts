/** A server at the SSO service's own address that answers pages with junk, late, or never. */
import type { ServerResponse } from 'node:http';
import { certificatesOf, startServer } from './server.ts';
import type { StorySite } from './story-site.ts';

/**
 * Runs while the SSO service itself is stopped.
 *
 * @param respond to every request but preflights, which get the contract's answer
 * @returns a function that stops it
 */
export async function startFakeSso(
  site: StorySite,
  respond: (response: ServerResponse) => void,
): Promise<() => Promise<void>> {
  const port = Number(new URL(site.sso.address).port);
  const { close } = await startServer(
    await certificatesOf(site),
    ({ method, headers }, response) => {
      response.setHeader('Access-Control-Allow-Origin', headers.origin ?? '*');
      response.setHeader('Access-Control-Allow-Credentials', 'true');
      response.setHeader('Access-Control-Allow-Headers', 'Content-Type');
      if (method === 'OPTIONS') response.writeHead(204).end();
      else respond(response.setHeader('Content-Type', 'application/json'));
    },
    port,
  );
  return close;
}
