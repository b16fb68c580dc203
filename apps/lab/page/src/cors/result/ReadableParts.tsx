/** Which headers of a readable response the page could read, and whether it could read the timing. */
import { targetHeaderNames, type Verdict } from '../../../../cors/verdict.ts';
import type { Observation } from '../run-experiment.ts';
import { Agreement } from './AnswersTable.tsx';
import { Mark } from './Mark.tsx';

interface Props {
  verdict: Verdict;
  observation: Observation;
}

export function ReadableParts({ verdict, observation }: Props) {
  if (observation.readable !== 'yes') return null;
  const { exposedHeaders, isTimingReadable, difference } = verdict;
  const read = new Set(observation.fields.map(([name]) => name.toLowerCase()));
  const parts = [
    ...targetHeaderNames.map((name) => ({
      name,
      isHeader: true,
      isPredicted: exposedHeaders.includes(name),
      isRead: read.has(name.toLowerCase()),
    })),
    { name: 'Timing', isHeader: false, isPredicted: isTimingReadable, isRead: observation.hasTiming },
  ];

  return (
    <div className="readable-parts">
      <h4>What this page could read</h4>
      <ul>
        {parts.map(({ name, isHeader, isPredicted, isRead }) => (
          <li key={name} data-part={name} data-agrees={isPredicted === isRead}>
            <Mark kind={isRead ? 'yes' : 'no'} />
            {isHeader ? <code translate="no">{name}</code> : <span>{name}</span>}
            <span className="for-screen-readers">{isRead ? 'read' : 'not read'}</span>
            {isPredicted !== isRead && <Agreement agrees={difference === null ? false : 'varies'} />}
          </li>
        ))}
      </ul>
    </div>
  );
}
