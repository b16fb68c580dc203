/**
 * Decides which origins may use a session. Apps of one site are same-site, so `SameSite=Strict` lets a
 * sibling's page send the cookie. Only `Origin`, which no script can forge, names the page that sent a
 * request.
 */
import type { IncomingMessage } from 'node:http';
import type { RelyingAppOptions } from './options.ts';

/** What a Fastify request and the request of Node's `upgrade` event have in common. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'headers'>;

type AcceptedOrigins = Pick<RelyingAppOptions, 'origin' | 'corsOrigins' | 'webSocketOrigins'>;

const READ_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * A WebSocket handshake needs an accepted `Origin`, since CORS doesn't apply to WebSockets (RFC 6455, section
 * 10.2). So does a request that can write. A read may omit it, as browsers do within one origin.
 */
export function isOriginAccepted(
  { method = '', headers }: RequestHead,
  { origin, corsOrigins = [], webSocketOrigins = [] }: AcceptedOrigins,
): boolean {
  // Node joins two headers to "a, b", which equals no origin.
  const requestOrigin = headers.origin;
  // HTTP/2 has no `Upgrade`: there, a WebSocket starts with CONNECT (RFC 8441, section 4).
  const isHandshake = headers.upgrade !== undefined || method === 'CONNECT';
  if (requestOrigin === undefined) {
    return !isHandshake && READ_METHODS.includes(method) && !isEmbeddedElsewhere(headers);
  }
  // Under `Referrer-Policy: no-referrer`, Helmet's default, a page's own form sends `Origin: null`. So does a
  // sandboxed frame, which is cross-site, and a request that a sibling redirects, which is same-site.
  if (requestOrigin === 'null') return !isHandshake && headers['sec-fetch-site'] === 'same-origin';
  return requestOrigin === origin || (isHandshake ? webSocketOrigins : corsOrigins).includes(requestOrigin);
}

/**
 * Returns whether another origin's page embeds this response without CORS: as an image, a script, a frame or
 * a `no-cors` fetch. The browser then sends the cookie and no `Origin`, but Fetch Metadata, which scripts
 * can't set, reveals the embedding. Following a link is fine.
 */
function isEmbeddedElsewhere(headers: RequestHead['headers']): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document';
}
