/** Helmet, set for this site. What a page may load is its app's to say; an API loads nothing. */
import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import { isLoopback } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';

type Directives = Record<string, string[]>;

/** An API's answers are data: no browser is to render, frame or run anything of them. */
export const API_CONTENT: Directives = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/**
 * A page may load what its own origin serves, and nothing inline.
 *
 * @param reachable the origins, beyond its own, that it may send requests to
 */
export function pageContent(...reachable: string[]): Directives {
  return {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
    'font-src': ["'self'"],
    'connect-src': ["'self'", ...reachable],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  };
}

/** The options of a route whose answers may load something else than its server's. */
export function routeContent(content: Directives) {
  return { helmet: { contentSecurityPolicy: { useDefaults: false, directives: content } } };
}

/**
 * @param origin the service's own origin
 * @param content the directives of its Content-Security-Policy
 */
export async function addSecurityHeaders(
  app: FastifyInstance,
  origin: string,
  content: Directives,
): Promise<void> {
  const url = new URL(origin);
  const options: FastifyHelmetOptions = {
    contentSecurityPolicy: { useDefaults: false, directives: content },
    // On a loopback name it would lock the browser out of every plain http server on that name.
    strictTransportSecurity: url.protocol === 'https:' && !isLoopback(url) && { maxAge: 31_536_000 },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  };
  await app.register(helmet, options);
}
