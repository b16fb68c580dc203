/** Starts, changes and reads runs, for the lab's own page. */
import { HttpProblem, jsonBody, withSchemas } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';
import type * as v from 'valibot';
import { paths } from '../exchange/paths.ts';
import { RunRecord, RunRequest, StartRunResponse } from '../exchange/run.ts';
import type { Run, Runs } from './runs.ts';

export async function runRoutes(scope: FastifyInstance, { runs }: { runs: Runs }): Promise<void> {
  await scope.register(jsonBody);
  const path = `${paths.runs}/:id`;

  scope.post<{ Body: v.InferOutput<typeof RunRequest> }>(
    paths.runs,
    withSchemas({ body: RunRequest, response: StartRunResponse }),
    async ({ body }, reply) => {
      reply.code(201);
      return { id: runs.start(body.policy).id };
    },
  );

  scope.put<{ Params: { id: string }; Body: v.InferOutput<typeof RunRequest> }>(
    path,
    withSchemas({ body: RunRequest }),
    async ({ params, body }, reply) => {
      requireRun(runs, params.id).policy = body.policy;
      return reply.code(204).send();
    },
  );

  scope.get<{ Params: { id: string } }>(
    path,
    withSchemas({ response: RunRecord }),
    async ({ params }, reply) => {
      reply.header('Cache-Control', 'no-store');
      const { requests, executions } = requireRun(runs, params.id);
      return { requests, executions };
    },
  );
}

/** @throws {HttpProblem} `not-found` for an id that was never issued or has been forgotten */
export function requireRun(runs: Runs, id: string): Run {
  const run = runs.find(id);
  if (run === undefined) throw new HttpProblem('not-found', { logReason: 'no such run' });
  return run;
}
