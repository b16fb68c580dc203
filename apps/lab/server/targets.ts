/**
 * The path of a run, on all three hosts and for every method. Responses have the policy's headers and no
 * others that could change what a browser does, so this scope is outside the one with the security headers.
 */
import { METHODS } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Field } from '../exchange/exchange.ts';
import { runPath } from '../exchange/run.ts';
import type { Hosts } from './hosts.ts';
import { requireRun } from './run-routes.ts';
import { MAX_RECORDED_REQUESTS, type Runs } from './runs.ts';
import { findCookies } from './target-cookies.ts';
import { respond } from './target-response.ts';

/** Node doesn't pass `CONNECT` requests to routes. */
const TARGET_METHODS = METHODS.filter((method) => method !== 'CONNECT');

/** The request headers that matter to CORS. */
const RECORDED_HEADERS: readonly string[] = [
  'origin',
  'content-type',
  'sec-fetch-site',
  'sec-fetch-mode',
  'sec-fetch-dest',
  'sec-fetch-user',
  'access-control-request-method',
  'access-control-request-headers',
];

/** A client may repeat headers, and records stay in memory. */
const MAX_RECORDED_FIELDS = 20;

const MAX_NAME_LENGTH = 100;
const MAX_VALUE_LENGTH = 2000;

type RunRequest = FastifyRequest<{ Params: { id: string }; Querystring: Record<string, unknown> }>;

export async function targets(
  scope: FastifyInstance,
  { hosts, runs }: { hosts: Hosts; runs: Runs },
): Promise<void> {
  scope.addHook('onRequest', hosts.require('same-origin', 'same-site', 'cross-site'));
  // Bodies are read, up to the server's limit of 4 KiB, and dropped.
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
  scope.addHook('onRequest', async (request) => {
    // Fastify answers 415 to a content type that isn't a media type. `rawHeaders` keeps what was sent.
    request.headers = { 'content-type': 'application/octet-stream' };
  });
  for (const method of TARGET_METHODS) {
    if (!scope.supportedMethods.includes(method)) scope.addHttpMethod(method, { hasBody: true });
  }

  scope.route({
    method: TARGET_METHODS,
    url: runPath(':id'),
    exposeHeadRoute: false,
    handler: async (request: RunRequest, reply) => {
      const { method, raw } = request;
      const run = requireRun(runs, request.params.id);
      const { kind, status, fields, body } = respond(run, {
        method,
        url: `${raw.headers.host}${raw.url}`,
        headers: raw.headers,
        isRedirected: 'redirected' in request.query,
      });
      if (run.requests.length < MAX_RECORDED_REQUESTS) {
        run.requests.push({
          kind,
          method,
          cookies: findCookies(request, hosts.targetOf(request) ?? 'same-origin'),
          fields: findRecordedFields(raw.rawHeaders),
          status,
          responseFields: fields.map(([name, value]) => toField(name, value)),
        });
      }
      for (const [name, value] of fields) reply.header(name, value);
      return reply.code(status).send(body ?? undefined);
    },
  });
}

/** @param rawHeaders names and values in turn, as they arrived */
function findRecordedFields(rawHeaders: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (let index = 0; index < rawHeaders.length && fields.length < MAX_RECORDED_FIELDS; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (RECORDED_HEADERS.includes(name.toLowerCase())) fields.push(toField(name, value));
  }
  return fields;
}

/** Cuts names and values to the limits of `Field`. A policy may reflect a header that a client sent. */
function toField(name: string, value: string): Field {
  return { name: name.slice(0, MAX_NAME_LENGTH), value: value.slice(0, MAX_VALUE_LENGTH) };
}
