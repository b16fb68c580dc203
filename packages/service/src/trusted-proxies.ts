/**
 * What a proxy in front says of the client. Its address comes from `X-Forwarded-For`, as Fastify reads it for
 * web-server.ts; here is what becomes of the other headers. Nobody's but a trusted proxy's word counts.
 */
import type { FastifyInstance } from 'fastify';
import type { AddressRanges } from './address-ranges.ts';
import { Refusal } from './refusal.ts';

/**
 * Refuses what a client sent by plain http where the service is https: its password or cookie has just crossed the
 * network in the clear, and must not go on doing so unseen.
 *
 * @param app without routes so far, and made with the same proxies
 * @param origin the service's own origin
 */
export function heedProxies(
  app: FastifyInstance,
  { origin, trustedProxies }: { origin: string; trustedProxies: AddressRanges },
): void {
  const isHttps = origin.startsWith('https:');
  app.addHook('onRequest', ({ raw: { headers, socket } }, _reply, done) => {
    if (!trustedProxies.includes(socket.remoteAddress)) {
      done();
      return;
    }
    // Fastify would take it for the host that was asked for. The service has one name, its origin.
    delete headers['x-forwarded-host'];
    const schemes = String(headers['x-forwarded-proto'] ?? 'https').split(',');
    const isPlain = isHttps && schemes.some((scheme) => scheme.trim().toLowerCase() !== 'https');
    done(
      isPlain ? new Refusal('invalid-request', { detail: 'the proxy was asked by plain http' }) : undefined,
    );
  });
}
