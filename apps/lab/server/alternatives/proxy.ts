/**
 * The proxy: a page asks its own server, which asks the other one. CORS isn't involved. The browser sends the
 * proxy the cookies of the page's host and none of the other server's, which thus doesn't know the visitor.
 */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { HttpProblem, withSchemas } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { ProxyResponse, StatusResponse } from '../../exchange/alternative-responses.ts';
import { paths } from '../../exchange/paths.ts';
import type { Config } from '../config.ts';
import { hostOf } from '../hosts.ts';

const TIMEOUT_MS = 5000;

export async function proxy(
  scope: FastifyInstance,
  { config: { sameSiteOrigin, tls } }: { config: Config },
): Promise<void> {
  scope.get(
    paths.proxy,
    withSchemas({ response: ProxyResponse }),
    async (request, reply): Promise<ProxyResponse> => {
      reply.header('Cache-Control', 'no-store');
      const { cookie } = request.headers;
      return {
        asked: sameSiteOrigin + paths.status,
        cookiesReceived: cookie?.split(/; ?/).map((pair) => pair.replace(/=.*$/s, '')) ?? [],
        answer: await askTarget(cookie),
      };
    },
  );

  /** The target is this server itself under another host: nothing that a client sends chooses the address. */
  async function askTarget(cookie: string | undefined): Promise<StatusResponse> {
    const address = scope.server.address() as AddressInfo | null;
    if (address === null) throw new HttpProblem('unavailable', { logReason: 'the server does not listen' });
    const options = {
      host: toLoopback(address.address),
      port: address.port,
      path: paths.status,
      headers: { Host: hostOf(sameSiteOrigin), ...(cookie !== undefined && { Cookie: cookie }) },
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    } as const;
    // Trusts only the server's own certificate, from any authority.
    const trust = {
      ca: tls?.cert,
      allowPartialTrustChain: true,
      servername: new URL(sameSiteOrigin).hostname,
    };
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
    const asked = tls ? https.get({ ...options, ...trust }, resolve) : http.get(options, resolve);
    asked.on('error', reject);
    return v.parse(StatusResponse, await json(await promise));
  }
}

/** A server that listens on all addresses, as in a container, is reachable at the loopback address, too. */
function toLoopback(address: string): string {
  if (address === '::') return '::1';
  return address === '0.0.0.0' ? '127.0.0.1' : address;
}
