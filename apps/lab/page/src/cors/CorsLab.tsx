/** The CORS lab: the experiment that the query names, or an overview of all experiments. */
import { useEffect, useMemo } from 'react';
import type { TargetOrigins } from '../../../cors/experiment-request.ts';
import { experiments as createExperiments } from '../../../experiments/experiments.ts';
import type { Settings } from '../settings.ts';
import { ExperimentLink, ExperimentLinks } from './ExperimentLinks.tsx';
import { ExperimentView } from './ExperimentView.tsx';
import { Overview } from './Overview.tsx';
import { type LinkError, parseSearch } from './shared-link.ts';
import { usePlace } from './use-place.ts';
import './CorsLab.css';

const LINK_ERRORS: Record<LinkError, string> = {
  'unknown-experiment': 'The link names an experiment that doesn’t exist.',
  'too-long': 'The link’s request and policy are too long, so this page ignores them.',
  'invalid-steps': 'The link’s request and policy are invalid, so this page ignores them.',
};

export function CorsLab({ settings }: { settings: Settings }) {
  const { place, followLink } = usePlace();
  const experiments = useMemo(() => createExperiments(location.origin), []);
  const find = (id: string | null) => experiments.find((experiment) => experiment.id === id) ?? null;
  const { experimentId, steps, error } = parseSearch(place.search, (id) => find(id) !== null);
  const experiment = find(experimentId);
  const next = experiment && experiments[experiments.indexOf(experiment) + 1];
  const title = experiment?.title ?? 'CORS lab';
  useEffect(() => {
    document.title = `${title} · Lab`;
  }, [title]);
  const origins: TargetOrigins = {
    'same-origin': location.origin,
    'same-site': settings.sameSiteOrigin,
    'cross-site': settings.crossSiteOrigin,
  };

  return (
    // biome-ignore lint/a11y: the links in it handle keys, and a click bubbles from them
    <div className="cors-lab stack" onClick={followLink}>
      {error !== null && (
        <p className="cors-link-error" role="alert">
          {LINK_ERRORS[error]}
        </p>
      )}
      {experiment === null && steps === null ? (
        <Overview experiments={experiments} />
      ) : (
        <div className="cors-with-list stack">
          <nav className="cors-list" aria-label="Experiments">
            <a className="cors-list-all" href="/cors">
              All experiments
            </a>
            <ExperimentLinks experiments={experiments} current={experimentId} titleElement="p" />
          </nav>
          <div>
            <ExperimentView
              key={place.visit}
              experiment={experiment}
              initialSteps={steps ?? experiment?.steps ?? []}
              origins={origins}
              isFollowed={place.visit > 0}
            />
            {next && (
              <p className="next-experiment">
                Next: <ExperimentLink experiment={next} />
              </p>
            )}
          </div>
        </div>
      )}
    </div>
  );
}
