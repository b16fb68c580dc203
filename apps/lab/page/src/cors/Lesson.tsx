/** What people expect of the policy, what happens, and what to do instead. */
import type { Experiment } from '../../../experiments/experiment.ts';

export function Lesson({ experiment: { meant, does, instead } }: { experiment: Experiment }) {
  const texts = { 'What people expect': meant, 'What happens': does, 'What to do instead': instead };
  return (
    <dl className="lesson columns">
      {Object.entries(texts).map(([title, text]) => (
        <div key={title}>
          <dt className="label">{title}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
