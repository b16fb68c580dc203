/** An experiment of the CORS lab: one or two requests, a policy for each, and a lesson. */
import type { ExperimentStep } from '../cors/policy.ts';

/** The five points of the article of 2017 on single sign-on with CORS. `article-points.ts` words them. */
export type ArticlePoint = 1 | 2 | 3 | 4 | 5;

export type ExperimentGroup =
  | 'origin'
  | 'credentials'
  | 'preflight'
  | 'response'
  | 'without-preflight'
  | 'caches';

export interface Experiment {
  /** Used in URLs, such as `wildcard-with-credentials`. */
  id: string;
  /** Such as `* with credentials`. */
  title: string;
  group: ExperimentGroup;
  points: readonly ArticlePoint[];
  /** One or two sentences each: what people expect, what happens, and what to do instead. */
  meant: string;
  does: string;
  instead: string;
  /** Sent one after the other to the same path, each with its own policy. Most experiments have one. */
  steps: readonly ExperimentStep[];
  /** The steps without the mistake; null if the experiment makes no mistake. */
  rightSteps: readonly ExperimentStep[] | null;
  /** Where browsers differ, in a sentence; null where they don't. */
  difference: string | null;
}
