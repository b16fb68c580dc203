/** Helmet with this site's settings. A page's app decides what the page may load; an API loads nothing. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { isLoopback } from '@samesite-sso/core';
import type { onRequestHookHandler } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import helmet from 'helmet';

type Directives = Record<string, string[]>;

const HSTS_MAX_AGE_SECONDS = 31_536_000;

/** API responses are data: browsers must not render, frame or run them. */
export const API_CSP: Directives = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/**
 * A page may load what its own origin serves, and nothing inline.
 *
 * @param connectOrigins other origins that it may send requests to
 */
export function pageCsp(...connectOrigins: string[]): Directives {
  return {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'font-src': ["'self'"],
    'connect-src': ["'self'", ...connectOrigins],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  };
}

/** Route options that override the server-wide Content-Security-Policy. */
export function routeCsp(directives: Directives) {
  return { onRequest: createHeaderHook(helmet.contentSecurityPolicy({ useDefaults: false, directives })) };
}

/** `origin` is the one under which browsers reach this server. */
export const securityHeaders = fastifyPlugin<{ origin: string; csp: Directives }>(
  async (server, { origin, csp }) => {
    const url = new URL(origin);
    server.addHook(
      'onRequest',
      createHeaderHook(
        helmet({
          contentSecurityPolicy: { useDefaults: false, directives: csp },
          // On a loopback name it would lock the browser out of every plain http server on that name.
          strictTransportSecurity: url.protocol === 'https:' &&
            !isLoopback(url) && { maxAge: HSTS_MAX_AGE_SECONDS },
          referrerPolicy: { policy: 'no-referrer' },
          xFrameOptions: { action: 'deny' },
          // Two headers that only old browsers know, and one against DNS prefetching for links, which
          // browsers don't do on https pages by default.
          xXssProtection: false,
          xDownloadOptions: false,
          xDnsPrefetchControl: false,
        }),
      ),
    );
  },
  { name: 'security-headers', fastify: '5.x' },
);

/**
 * Runs Helmet once, on a response that is never sent. Otherwise Helmet would build the same headers for each
 * response.
 */
function createHeaderHook(middleware: ReturnType<typeof helmet>): onRequestHookHandler {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  middleware(response.req, response, (error) => {
    if (error) throw error;
  });
  const headers = response.getHeaders();
  return (_request, reply, done) => {
    reply.headers(headers);
    done();
  };
}
