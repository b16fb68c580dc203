/**
 * Checks what a proxy in front says about the client. Fastify itself reads the client's address from
 * `X-Forwarded-For` (`trustProxy` in `web-server.ts`); this plugin handles the other headers.
 */
import type { IncomingHttpHeaders } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';
import { HttpProblem, quote } from '@samesite-sso/core';
import fastifyPlugin from 'fastify-plugin';
import ipaddr from 'ipaddr.js';

/** Any client can send these headers, and may have many networks. */
const MAX_WARNED_NETWORKS = 100;
/** One client may have a whole IPv6 /48. */
const IPV6_NETWORK_BITS = 48;
const MAX_QUOTED_LENGTH = 50;

/** The headers in which proxies name their client. */
const FORWARDED_HEADERS = ['x-forwarded-for', 'x-forwarded-proto', 'forwarded'] as const;

const CONSEQUENCE =
  'all clients behind it count as one address, so ten failed sign-ins by any of them lock an account for all';

/**
 * Refuses requests that a client sent over plain http to an https service: its password or cookie has crossed
 * the network in the clear. Warns once per network whose headers are ignored, or whose requests are refused.
 * Its options are the service's own origin, and the same addresses and networks as the web server's.
 */
export const trustedProxies = fastifyPlugin<{ origin: string; trustedProxies: readonly string[] }>(
  async (server, options) => {
    const isTrusted = proxyAddress.compile([...options.trustedProxies]);
    const isHttps = options.origin.startsWith('https:');
    const warnOnce = createNetworkWarner((message) => server.log.warn(message));

    server.addHook('onRequest', ({ raw: { headers, socket } }, _reply, done) => {
      const peer = (socket.remoteAddress ?? 'an unknown address').replace(/^::ffff:(?=\d+\.)/i, '');
      if (!isTrusted(peer, 0)) {
        const sent = FORWARDED_HEADERS.filter((name) => headers[name] !== undefined);
        if (sent.length > 0) warnOnce(peer, untrustedWarning(peer, sent));
        return done();
      }
      if (headers.forwarded !== undefined && headers['x-forwarded-for'] === undefined) {
        warnOnce(peer, `the proxy ${peer} sends Forwarded, but only X-Forwarded-For is read: ${CONSEQUENCE}`);
      }
      // Fastify would use it as the requested host. The service has one host, that of its origin.
      delete headers['x-forwarded-host'];
      const logReason = isHttps ? findPlainHttp(headers, peer) : null;
      if (logReason === null) return done();
      warnOnce(peer, `every such request is refused: ${logReason}`);
      done(new HttpProblem('invalid-request', { logReason }));
    });
  },
  { name: 'trusted-proxies', fastify: '5.x', dependencies: ['problem-responses'] },
);

function untrustedWarning(peer: string, sent: readonly string[]): string {
  return (
    `${peer} sends ${sent.join(', ')}, which is ignored: SSO_TRUSTED_PROXIES doesn't name this address. ` +
    `If it is your proxy's, add it there; until then ${CONSEQUENCE}`
  );
}

/** Each proxy on the way may add a value; the nearest to this server adds the last. */
function findPlainHttp(headers: IncomingHttpHeaders, peer: string): string | null {
  const sent = headers['x-forwarded-proto'];
  if (sent === undefined) return null;
  const schemes = String(sent)
    .split(',')
    .map((scheme) => scheme.trim());
  const index = schemes.findIndex((scheme) => scheme.toLowerCase() !== 'https');
  if (index === -1) return null;
  return (
    `X-Forwarded-Proto from the proxy ${peer} contains ` +
    `${quote((schemes[index] ?? '').slice(0, MAX_QUOTED_LENGTH))} as value ${index + 1} of ` +
    `${schemes.length}, not "https": a client or a proxy used plain http. A proxy behind another one that ` +
    'terminates TLS must pass on the scheme that it received'
  );
}

function createNetworkWarner(warn: (message: string) => void): (peer: string, message: string) => void {
  const warned = new Set<string>();
  return (peer, message) => {
    const network = networkOf(peer);
    if (warned.has(network) || warned.size === MAX_WARNED_NETWORKS) return;
    warned.add(network);
    warn(message);
    if (warned.size === MAX_WARNED_NETWORKS)
      warn('no more warnings about the proxy headers of further networks');
  };
}

function networkOf(peer: string): string {
  const address = peer.replace(/%.*$/, '');
  if (!ipaddr.IPv6.isValid(address)) return peer;
  return ipaddr.IPv6.networkAddressFromCIDR(`${address}/${IPV6_NETWORK_BITS}`).toString();
}
