/** Links to the experiments, by group. */
import type { Experiment, ExperimentGroup } from '../../../experiments/experiment.ts';
import { groupTitles } from '../../../experiments/experiments.ts';
import { toSearch } from './shared-link.ts';

interface Props {
  experiments: readonly Experiment[];
  current: string | null;
  /** The element of a group's title. In the list beside an experiment, it isn't a heading. */
  titleElement: 'h3' | 'p';
}

export function ExperimentLinks({ experiments, current, titleElement: Title }: Props) {
  const groups = Object.keys(groupTitles) as ExperimentGroup[];
  return (
    <div className="experiment-groups">
      {groups.map((group) => (
        <div className="experiment-group" key={group}>
          <Title className="experiment-group-title" id={`group-${group}`}>
            {groupTitles[group]}
          </Title>
          <ul aria-labelledby={`group-${group}`}>
            {experiments
              .filter((experiment) => experiment.group === group)
              .map((experiment) => (
                <li key={experiment.id}>
                  <ExperimentLink experiment={experiment} isCurrent={experiment.id === current} />
                </li>
              ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

interface LinkProps {
  experiment: Experiment;
  isCurrent?: boolean;
}

export function ExperimentLink({ experiment: { id, title }, isCurrent = false }: LinkProps) {
  const search = toSearch({ experimentId: id, steps: null });
  return (
    <a href={`/cors${search}`} aria-current={isCurrent ? 'page' : undefined}>
      {title}
    </a>
  );
}
