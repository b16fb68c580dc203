/** Refuses pages of other origins on the routes that read messages or register experiments. */
import { HttpProblem, requireSameOrigin } from '@samesite-sso/core';
import type { onRequestHookHandler } from 'fastify';

const READ_METHODS = ['GET', 'HEAD'];

/**
 * A request that writes needs the page's own `Origin`. A read may omit it, as browsers do within one origin.
 * The targets are on the page's site, so `same-site` isn't enough.
 */
export function requireOwnPage(origin: string): onRequestHookHandler {
  return (request, _reply, done) => {
    const isRead = READ_METHODS.includes(request.method);
    if (!isRead || request.headers.origin !== undefined) requireSameOrigin(request, origin);
    const site = request.headers['sec-fetch-site'];
    if (site === undefined || site === 'same-origin') return done();
    done(new HttpProblem('origin-not-allowed', { logReason: 'Sec-Fetch-Site' }));
  };
}
