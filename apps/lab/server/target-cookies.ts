/**
 * The three cookies of each host, one for each `SameSite` attribute. Experiments show which of them travel.
 * They mean nothing to any server but the lab's.
 */
import { routeCsp } from '@samesite-sso/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Target } from '../cors/experiment-request.ts';
import { type CookieKind, cookieKinds } from '../cors/verdict.ts';
import { paths } from '../exchange/paths.ts';
import { documentCsp, renderDocument } from './documents.ts';
import type { Hosts } from './hosts.ts';

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' } as const satisfies Record<
  CookieKind,
  string
>;

/** Without `Domain`, a cookie belongs to one host. Its value names that host's role. */
function toSetCookie(kind: CookieKind, target: Target): string {
  return `lab-${kind}=${target}; Path=/; HttpOnly; Secure; SameSite=${SAME_SITE[kind]}`;
}

/**
 * Returns which of a target's cookies a request has. Cookies of the lab's other hosts don't count: the
 * proxy passes them on, and they must not identify the visitor.
 */
export function findCookies({ headers }: Pick<FastifyRequest, 'headers'>, target: Target): CookieKind[] {
  const pairs = (headers.cookie ?? '').split(/; ?/);
  return cookieKinds.filter((kind) => pairs.includes(`lab-${kind}=${target}`));
}

/**
 * `GET /cookies` sets the cookies. The page fetches it from the hosts of its own site. On the other site, the
 * visitor has to open it: browsers store `Strict` and `Lax` cookies only in response to a same-site request
 * or a navigation.
 */
export async function cookieRoute(scope: FastifyInstance, { hosts }: { hosts: Hosts }): Promise<void> {
  scope.addHook('onRequest', hosts.require('same-origin', 'same-site', 'cross-site'));
  const document = renderDocument('The cookies are set', [
    'This host has now set its three cookies, one for each <code>SameSite</code> attribute.',
    'Close this tab, and run the experiment in the lab again.',
  ]);

  scope.get(paths.cookies, routeCsp(documentCsp()), async (request, reply) => {
    const target = hosts.targetOf(request) ?? 'same-origin';
    for (const kind of cookieKinds) reply.header('Set-Cookie', toSetCookie(kind, target));
    reply.headers({
      'Cache-Control': 'no-store',
      // Helmet's `same-origin` would make the page's fetch fail in the mode `no-cors`.
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    if (request.headers['sec-fetch-mode'] !== 'navigate') return reply.code(204).send();
    return reply.type('text/html; charset=utf-8').send(document);
  });
}
