/** Validates a route's requests and responses against Valibot schemas. */
import type { RouteShorthandOptions } from 'fastify';
import * as v from 'valibot';
import { HttpProblem } from '../problem/http-problem.ts';

interface RouteSchemas {
  params?: v.GenericSchema;
  query?: v.GenericSchema;
  body?: v.GenericSchema;
  /** For every response but problems. */
  response?: v.GenericSchema;
}

/**
 * Returns route options that refuse a request with `invalid-request` unless it matches, as sent: no value is
 * converted. A response that doesn't match is our own mistake: the client gets a 500 instead.
 *
 * These are hooks, since Fastify's option `schema` is public: plugins of the app that installs us, such as
 * those that describe its routes, read JSON Schemas there.
 */
export function withSchemas({
  params,
  query,
  body,
  response,
}: RouteSchemas): Pick<RouteShorthandOptions, 'preValidation' | 'preSerialization'> {
  return {
    preValidation: (request, _reply, done) => {
      const problem =
        (params && validate('params', params, request.params)) ??
        (query && validate('query', query, request.query)) ??
        (body && validate('body', body, request.body));
      done(problem);
    },
    preSerialization: (_request, reply, payload, done) => {
      if (!response || reply.statusCode >= 400) return done(null, payload);
      const { success, output, issues } = v.safeParse(response, payload);
      if (success) done(null, output);
      else done(new Error(describeIssue('response', issues[0])));
    },
  };
}

function validate(part: string, schema: v.GenericSchema, value: unknown): HttpProblem | undefined {
  const { success, issues } = v.safeParse(schema, value);
  if (success) return undefined;
  return new HttpProblem('invalid-request', { logReason: describeIssue(part, issues[0]) });
}

/**
 * Names the member and the rule, for the log. The issue's message quotes the value, which may be a password,
 * and the path to an unknown member ends with a name that the client chose.
 */
function describeIssue(part: string, { path, expected, type }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return `${part}: unknown member`;
  const name = [part, ...(path ?? []).map(({ key }) => key)].join('.');
  return `${name}: expected ${type === 'custom' ? 'Object' : (expected ?? type)}`;
}
