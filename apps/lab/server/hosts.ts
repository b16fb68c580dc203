/**
 * One server answers for three hosts: the page's and the two targets'. Each route serves some of them.
 * Requests under any other name are refused: a page of another site could point its own name at this server's
 * address (DNS rebinding), and would then have the same origin.
 */
import { HttpProblem } from '@samesite-sso/core';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Target } from '../cors/experiment-request.ts';
import type { Config } from './config.ts';

const MAX_LOGGED_LENGTH = 200;

export class Hosts {
  readonly #targets: ReadonlyMap<string | undefined, Target>;

  constructor({ origin, sameSiteOrigin, crossSiteOrigin }: Config) {
    this.#targets = new Map([
      [hostOf(origin), 'same-origin'],
      [hostOf(sameSiteOrigin), 'same-site'],
      [hostOf(crossSiteOrigin), 'cross-site'],
    ]);
  }

  /**
   * Returns the target that the request's host stands for; null for a foreign host. Browsers send hosts
   * in lower case and omit a default port, so an exact comparison is enough.
   */
  targetOf({ headers }: Pick<FastifyRequest, 'headers'>): Target | null {
    return this.#targets.get(headers.host) ?? null;
  }

  /** Refuses requests for other hosts: with 404 for another host of the lab, with 403 for a foreign one. */
  require(...targets: readonly Target[]): onRequestHookHandler {
    return (request, _reply, done) => {
      const target = this.targetOf(request);
      if (target === null) done(new HttpProblem('origin-not-allowed', { logReason: describeHost(request) }));
      else if (targets.includes(target)) done();
      else done(new HttpProblem('not-found', { logReason: describeHost(request) }));
    };
  }
}

export function hostOf(origin: string): string {
  return new URL(origin).host;
}

function describeHost({ headers }: FastifyRequest): string {
  return `host ${headers.host?.slice(0, MAX_LOGGED_LENGTH)}`;
}
