/** Expects a problem response with this code, without cookies and CORS headers. */
import { PROBLEMS, type ProblemCode } from '@samesite-sso/protocol';
import { expect } from 'vitest';
import type { Answer } from '../support/http.ts';

export function expectRefusal(answer: Answer, code: ProblemCode): void {
  const refusal = { status: answer.status, code: answer.body['code'] };
  expect(refusal).toEqual({ status: PROBLEMS[code].status, code });
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(corsHeaders(answer)).toEqual({});
}

/** The CORS headers of a response. */
export function corsHeaders({ headers }: Answer): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));
}
