/**
 * What a proxy in front says of the client. Its address comes from `X-Forwarded-For`, as Fastify reads it for
 * web-server.ts; here is what becomes of the other headers. Nobody's but a trusted proxy's word counts.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressRanges } from '@samesite-sso/core';
import { HttpProblem, quoted } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';

/** Clients can send these headers from many addresses, so memory and log must be bounded. */
const MAX_WARNED_ADDRESSES = 1000;

/** The headers in which proxies name their client. */
const FORWARDED_HEADERS = ['x-forwarded-for', 'x-forwarded-proto', 'forwarded'] as const;

const CONSEQUENCE =
  'all clients behind it count as one address, so ten failed sign-ins by any of them lock an account for all';

/**
 * Refuses a request that a client sent by plain http where the service is https: its password or cookie has
 * crossed the network in the clear, and that must not go on unnoticed. Warns once of each address whose
 * headers are ignored, or whose requests are refused for what they say.
 *
 * @param app without routes so far, and made with the same proxies
 * @param origin the service's own origin
 */
export function heedProxies(
  app: FastifyInstance,
  { origin, trustedProxies }: { origin: string; trustedProxies: AddressRanges },
): void {
  const isHttps = origin.startsWith('https:');
  const warnOnce = warnOncePerAddress((message) => app.log.warn(message));
  app.addHook('onRequest', ({ raw: { headers, socket } }, _reply, done) => {
    const peer = (socket.remoteAddress ?? 'an unknown address').replace(/^::ffff:(?=\d+\.)/i, '');
    if (!trustedProxies.includes(peer)) {
      const sent = FORWARDED_HEADERS.filter((name) => headers[name] !== undefined);
      if (sent.length > 0) warnOnce(peer, () => untrustedWarning(peer, sent));
      done();
      return;
    }
    if (headers.forwarded !== undefined && headers['x-forwarded-for'] === undefined) {
      warnOnce(
        peer,
        () =>
          `the proxy ${peer} sends Forwarded, but not X-Forwarded-For, which alone is read: ${CONSEQUENCE}`,
      );
    }
    // Fastify would take it for the host that was asked for. The service has one name, its origin.
    delete headers['x-forwarded-host'];
    const reason = isHttps ? findPlainHttp(headers, peer) : null;
    if (reason !== null) warnOnce(peer, () => `every such request is refused: ${reason}`);
    done(reason === null ? undefined : new HttpProblem('invalid-request', { logReason: reason }));
  });
}

function untrustedWarning(peer: string, sent: readonly string[]): string {
  return (
    `${peer} sends ${sent.join(', ')}, which is not heeded: SSO_TRUSTED_PROXIES does not name this ` +
    `address. If it is your proxy's, add it there: until then ${CONSEQUENCE}`
  );
}

/**
 * Finds the proxy that received plain http: each proxy on the way may add a value, the nearest to us the
 * last.
 */
function findPlainHttp(headers: IncomingHttpHeaders, peer: string): string | null {
  const sent = headers['x-forwarded-proto'];
  if (sent === undefined) return null;
  const schemes = String(sent)
    .split(',')
    .map((scheme) => scheme.trim());
  const index = schemes.findIndex((scheme) => scheme.toLowerCase() !== 'https');
  if (index === -1) return null;
  return (
    `X-Forwarded-Proto from the proxy ${peer} has as value ${index + 1} of ${schemes.length} ` +
    `${quoted((schemes[index] ?? '').slice(0, 50))}, not "https": a client or a proxy asked by plain http. ` +
    'A proxy behind another one that ends TLS must pass on what that one says'
  );
}

function warnOncePerAddress(
  warn: (message: string) => void,
): (address: string, message: () => string) => void {
  const warned = new Set<string>();
  return (address, message) => {
    if (warned.has(address) || warned.size === MAX_WARNED_ADDRESSES) return;
    warned.add(address);
    warn(message());
    if (warned.size === MAX_WARNED_ADDRESSES)
      warn('no further address is warned of for the headers of proxies');
  };
}
