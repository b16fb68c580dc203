/** The runs of experiments: for each, its policy and what arrived at its path. In memory only, bounded. */
import { randomBytes } from 'node:crypto';
import type { Fields, Policy } from '../cors/policy.ts';
import type { StoredResponse } from '../cors/shared-cache.ts';
import type { RecordedRequest } from '../exchange/run.ts';

export const MAX_RUNS = 200;
export const MAX_RECORDED_REQUESTS = 50;

/** 16 characters in base64url. */
const ID_BYTES = 12;

export interface TargetResponse {
  kind: RecordedRequest['kind'];
  status: number;
  fields: Fields;
  /** Null for none. */
  body: string | null;
}

export interface Run {
  readonly id: string;
  policy: Policy;
  /** The first ones. Later requests get responses, but aren't recorded. */
  readonly requests: RecordedRequest[];
  /** How many requests the target executed. A real server would change something; this one only counts. */
  executions: number;
  /** The responses in the shared cache. */
  responses: readonly StoredResponse<TargetResponse>[];
}

export class Runs {
  readonly #runs = new Map<string, Run>();

  /** Starts a run. If there are too many, the oldest is forgotten. */
  start(policy: Policy): Run {
    const id = randomBytes(ID_BYTES).toString('base64url');
    const run = { id, policy, requests: [], executions: 0, responses: [] };
    this.#runs.set(id, run);
    const [oldestId = ''] = this.#runs.keys();
    if (this.#runs.size > MAX_RUNS) this.#runs.delete(oldestId);
    return run;
  }

  find(id: string): Run | undefined {
    return this.#runs.get(id);
  }
}
