/**
 * JSONP, from before CORS: a page includes a script that calls one of the page's functions with the data.
 * Scripts are exempt from the same-origin policy, so every site can read the answer, with the cookies that
 * browsers send across sites. This endpoint is for the demo only, and reveals nothing that matters.
 */
import { withSchemas } from '@samesite-sso/core';
import { routeCsp } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import type { JsonpAnswer } from '../../exchange/alternative-responses.ts';
import { paths } from '../../exchange/paths.ts';
import type { Config } from '../config.ts';
import { documentCsp, escapeHtml, renderDocument } from '../documents.ts';
import type { Hosts } from '../hosts.ts';
import { findCookies } from '../target-cookies.ts';

/** A plain name: anything else would let the URL choose the code that runs in the page. */
const CALLBACK = /^[A-Za-z_$][\w$]{0,39}$/;

const Query = v.strictObject({ callback: v.pipe(v.string(), v.regex(CALLBACK)) });

const INTRANET = 'This text stands for what a server tells only to its own network.';

/** The script, on the same-site target. */
export async function jsonp(scope: FastifyInstance, { hosts }: { hosts: Hosts }): Promise<void> {
  let reads = 0;
  scope.addHook('onRequest', hosts.require('same-site'));
  scope.get<{ Querystring: v.InferOutput<typeof Query> }>(
    paths.jsonp,
    withSchemas({ query: Query }),
    async (request, reply) => {
      reads += 1;
      const answer: JsonpAnswer = { cookies: findCookies(request, 'same-site'), reads, intranet: INTRANET };
      return reply
        .headers({ 'Cache-Control': 'no-store', 'Cross-Origin-Resource-Policy': 'cross-origin' })
        .type('text/javascript; charset=utf-8')
        .send(`${request.query.callback}(${JSON.stringify(answer)});\n`);
    },
  );
}

/** The document that includes the script: on the page's own host, and on another site. */
export async function jsonpReader(
  scope: FastifyInstance,
  { hosts, config }: { hosts: Hosts; config: Config },
): Promise<void> {
  scope.addHook('onRequest', hosts.require('same-origin', 'cross-site'));
  const script = `${config.sameSiteOrigin}${paths.jsonp}?callback=showAnswer`;
  const documents = {
    'same-origin': describe(config.origin, 'another origin of the same site'),
    'cross-site': describe(config.crossSiteOrigin, 'another site'),
  };

  function describe(origin: string, relation: string): string {
    const paragraphs = [
      `This document is at <code>${escapeHtml(origin)}</code>. It includes the script ` +
        `<code>${escapeHtml(script)}</code>, which belongs to ${relation}, and reads from it:`,
    ];
    const end = `<pre id="answer" role="status">Nothing has arrived.</pre>
      <p>Nobody asked the script’s server whether this origin may read that. Cookies with
      <code>SameSite=Strict</code> or <code>Lax</code> don’t travel to another site, and browsers may withhold
      the rest. What the script tells without a cookie is open to every site that a visitor opens.</p>
      <script src="/jsonp-reader.js"></script>
      <script src="${escapeHtml(script)}"></script>`;
    return renderDocument('What JSONP lets this origin read', paragraphs, end);
  }

  scope.get(paths.jsonpReader, routeCsp(documentCsp(config.sameSiteOrigin)), async (request, reply) => {
    const isOtherSite = hosts.targetOf(request) === 'cross-site';
    return reply
      .header('Cache-Control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(documents[isOtherSite ? 'cross-site' : 'same-origin']);
  });
}
