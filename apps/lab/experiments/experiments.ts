/** The catalogue of the CORS lab. Most experiments are one switch away from the right policy. */
import { cacheExperiments } from './cache-experiments.ts';
import { credentialsExperiments } from './credentials-experiments.ts';
import type { Experiment, ExperimentGroup } from './experiment.ts';
import { originExperiments } from './origin-experiments.ts';
import { preflightExperiments } from './preflight-experiments.ts';
import { responseExperiments } from './response-experiments.ts';
import { withoutPreflightExperiments } from './without-preflight-experiments.ts';

/** In the order in which the page lists the groups. */
export const groupTitles: Readonly<Record<ExperimentGroup, string>> = {
  origin: 'Which origin may read',
  credentials: 'Credentials and cookies',
  preflight: 'Preflights',
  response: 'What the page can read',
  'without-preflight': 'Without a preflight',
  caches: 'Caches',
};

/** Returns all experiments, group by group, with policies for a page of this origin. */
export function experiments(pageOrigin: string): readonly Experiment[] {
  return [
    ...originExperiments(pageOrigin),
    ...credentialsExperiments(pageOrigin),
    ...preflightExperiments(pageOrigin),
    ...responseExperiments(pageOrigin),
    ...withoutPreflightExperiments(pageOrigin),
    ...cacheExperiments(pageOrigin),
  ];
}
