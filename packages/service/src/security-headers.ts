/** Helmet, set for this site. What a page may load is its app's to say; an API loads nothing. */
import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import { isLoopback } from './origins.ts';

type Directives = Record<string, string[]>;

/** An API's answers are data: no browser is to render, frame or run anything of them. */
export const API_CONTENT: Directives = {
  'default-src': ["'none'"],
  'frame-ancestors': ["'none'"],
};

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
