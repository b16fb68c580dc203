/**
 * Which origins may use a session. Apps of one site are same-site, so `SameSite=Strict` doesn't keep a
 * browser from sending the cookie with a sibling's requests: only `Origin`, which no script can forge, tells
 * whose page made them.
 */
import type { IncomingMessage } from 'node:http';

/** Common to a Fastify request and to the one that comes with Node's `upgrade` event. */
export type RequestHead = Pick<IncomingMessage, 'method' | 'headers'>;

export interface AcceptedOrigins {
  /** The app's own. */
  origin: string;
  corsOrigins?: readonly string[];
  webSocketOrigins?: readonly string[];
}

const READ_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * A handshake must state an accepted origin, since no CORS policy applies to a WebSocket (RFC 6455, section
 * 10.2). A request that can write must, too. One that can only read may leave it out, as browsers do within
 * one origin.
 */
export function isOriginAccepted({ method = '', headers }: RequestHead, accepted: AcceptedOrigins): boolean {
  const { origin, corsOrigins = [], webSocketOrigins = [] } = accepted;
  // Node joins two headers into "a, b", which equals no origin.
  const stated = headers.origin;
  // HTTP/2 has no `Upgrade`: there, a WebSocket starts with CONNECT (RFC 8441, section 4).
  const isHandshake = headers.upgrade !== undefined || method === 'CONNECT';
  if (stated === undefined) {
    return !isHandshake && READ_METHODS.includes(method) && !isEmbeddedElsewhere(headers);
  }
  // Under `Referrer-Policy: no-referrer`, Helmet's default, a page's own form states `null`. A sandboxed
  // frame does too, but is cross-site, and so does a request that a sibling redirects, but that is same-site.
  if (stated === 'null') return !isHandshake && headers['sec-fetch-site'] === 'same-origin';
  return stated === origin || (isHandshake ? webSocketOrigins : corsOrigins).includes(stated);
}

/**
 * Whether another origin's page loads this without CORS, as an image, a script, a frame or a `no-cors` fetch:
 * then the browser sends the cookie and no `Origin`, but says so in Fetch Metadata, which no script can set.
 * Following a link is fine.
 */
function isEmbeddedElsewhere(headers: RequestHead['headers']): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  return headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document';
}
