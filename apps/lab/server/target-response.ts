/** How a target responds to a request at a run's path: exactly as the run's policy says, right or wrong. */
import type { IncomingHttpHeaders } from 'node:http';
import { preflightFields, responseFields } from '../cors/policy.ts';
import { findStored, storeResponse } from '../cors/shared-cache.ts';
import { runPath } from '../exchange/run.ts';
import type { Run, TargetResponse } from './runs.ts';

interface TargetRequest {
  method: string;
  /** With the host. */
  url: string;
  headers: IncomingHttpHeaders;
  /** Whether it follows the redirect of a preflight. */
  isRedirected: boolean;
}

/** Responds to a request, and executes it if it is neither a preflight nor answered by the shared cache. */
export function respond(run: Run, request: TargetRequest): TargetResponse {
  const origin = request.headers.origin ?? null;
  if (request.isRedirected) return respondToRedirected(run, request, origin);
  if (isPreflight(request)) return respondToPreflight(run, origin);

  const { policy } = run;
  const getHeader = (name: string) => request.headers[name.toLowerCase()]?.toString() ?? null;
  const cacheRequest = { method: request.method, url: request.url, getHeader };
  const stored = policy.hasSharedCache ? findStored(cacheRequest, run.responses) : undefined;
  if (stored) return { ...stored, kind: 'cache' };
  run.executions += 1;
  const { status } = policy.response;
  const fields = [
    ...responseFields(policy, origin),
    // The browser's own cache would hide what the lab is about.
    ['Cache-Control', 'no-store'],
    ['Content-Type', 'application/json; charset=utf-8'],
    ['X-Lab-Run', run.id],
  ] as const;
  const body = JSON.stringify({ run: run.id, executions: run.executions });
  const response: TargetResponse = { kind: 'request', status, fields, body };
  if (policy.hasSharedCache) run.responses = storeResponse(cacheRequest, response, run.responses);
  return response;
}

function respondToPreflight({ id, policy }: Run, origin: string | null): TargetResponse {
  const { status } = policy.preflight;
  const location = status === 301 ? ([['Location', `${runPath(id)}?redirected`]] as const) : [];
  return { kind: 'preflight', status, fields: [...preflightFields(policy, origin), ...location], body: null };
}

/** The address that a redirect leads to has the full policy, so that nothing but the redirect can fail. */
function respondToRedirected({ policy }: Run, request: TargetRequest, origin: string | null): TargetResponse {
  const fields = isPreflight(request)
    ? preflightFields({ ...policy, preflight: { status: 204, hasPolicy: true } }, origin)
    : responseFields({ ...policy, response: { status: 200, hasPolicy: true } }, origin);
  return { kind: 'redirected', status: 204, fields, body: null };
}

/** Fetch standard, "CORS-preflight request". An `OPTIONS` request of a page has no such header. */
function isPreflight({ method, headers }: TargetRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}
