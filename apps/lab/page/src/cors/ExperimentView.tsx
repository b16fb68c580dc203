/** One experiment: its lesson, the run and its results, and the request and the policy to edit. */
import { useEffect, useRef, useState } from 'react';
import type { TargetOrigins } from '../../../cors/experiment-request.ts';
import { judge } from '../../../cors/judge.ts';
import type { ExperimentStep } from '../../../cors/policy.ts';
import type { Experiment } from '../../../experiments/experiment.ts';
import { rightPolicy } from '../../../experiments/right-policy.ts';
import { AtAGlance } from './AtAGlance.tsx';
import { CookieSetup } from './CookieSetup.tsx';
import { Curl } from './Curl.tsx';
import { differencesFromRight } from './differences-from-right.ts';
import { FormHeader } from './form/FormHeader.tsx';
import { StepForm } from './form/StepForm.tsx';
import { Lesson } from './Lesson.tsx';
import { RunBar } from './RunBar.tsx';
import { StepSection } from './result/StepSection.tsx';
import { sendsCookies } from './run-experiment.ts';
import { areValid, toSearch } from './shared-link.ts';
import { replaceSearch } from './use-place.ts';
import { useRun } from './use-run.ts';
import './ExperimentView.css';

interface Props {
  /** Null for a visitor's own steps, which belong to no experiment. */
  experiment: Experiment | null;
  initialSteps: readonly ExperimentStep[];
  origins: TargetOrigins;
  /** Whether the visitor followed a link within the page, so that focus has to move to the title. */
  isFollowed: boolean;
}

export function ExperimentView({ experiment, initialSteps, origins, isFollowed }: Props) {
  const [steps, setSteps] = useState(initialSteps);
  // While a field is invalid, the last valid prediction stays, so the form below it doesn't move.
  const [validSteps, setValidSteps] = useState(initialSteps);
  const { outcome, failure, isRunning, run, clear } = useRun(origins);
  const title = useRef<HTMLHeadingElement>(null);
  const name = experiment?.title ?? 'Your own request and policy';
  const isEdited = experiment === null || JSON.stringify(steps) !== JSON.stringify(experiment.steps);
  const search = toSearch({ experimentId: experiment?.id ?? null, steps: isEdited ? steps : null });

  useEffect(() => {
    if (isFollowed) title.current?.focus({ preventScroll: true });
  }, [isFollowed]);
  useEffect(() => {
    if (search !== null) replaceSearch(search);
  }, [search]);

  function change(changed: readonly ExperimentStep[]) {
    setSteps(changed);
    if (areValid(changed)) setValidSteps(changed);
    clear();
  }

  const verdicts = judge(validSteps, origins);
  const results = outcome?.results ?? null;
  const described = steps.map((step, index) => ({
    name: nameOf(index, steps.length),
    step,
    differences: differencesFromRight(step, rightStepOf(experiment, index, step), isEdited),
  }));
  const sendsCookiesElsewhere = steps.some(
    ({ request }) => request.target === 'cross-site' && sendsCookies(request),
  );

  return (
    <article className="experiment stack" aria-labelledby="experiment-title">
      <h2 id="experiment-title" ref={title} tabIndex={-1}>
        {name}
      </h2>
      {experiment && <Lesson experiment={experiment} />}
      <AtAGlance steps={described} />
      {sendsCookiesElsewhere && <CookieSetup origin={origins['cross-site']} />}
      <RunBar
        isValid={steps === validSteps}
        isRunning={isRunning}
        failure={failure}
        verdicts={verdicts}
        results={results}
        run={() => run(steps)}
      />
      {verdicts.map((verdict, index) => (
        <StepSection
          // biome-ignore lint/suspicious/noArrayIndexKey: verdicts have no identity but their order
          key={index}
          name={steps.length === 1 ? null : nameOf(index, steps.length)}
          verdict={verdict}
          result={results?.[index] ?? null}
          difference={experiment?.difference ?? null}
        />
      ))}
      <section className="experiment-forms stack" aria-labelledby="forms-title">
        <FormHeader
          titleId="forms-title"
          isEdited={isEdited}
          isLinkable={search !== null}
          reset={experiment && (() => change(experiment.steps))}
        />
        {described.map(({ name, step, differences }, index) => (
          <StepForm
            key={name}
            name={steps.length === 1 ? null : name}
            step={step}
            before={steps[index - 1] ?? null}
            differences={differences}
            origins={origins}
            onChange={(changed) => change(steps.with(index, changed))}
          />
        ))}
      </section>
      <Curl steps={validSteps} origins={origins} runId={outcome?.id ?? null} />
    </article>
  );
}

function nameOf(index: number, count: number): string {
  if (count === 1) return 'Request';
  return index === 0 ? 'First request' : 'Second request';
}

function rightStepOf(experiment: Experiment | null, index: number, step: ExperimentStep): ExperimentStep {
  const rightSteps = experiment?.rightSteps ?? experiment?.steps ?? [];
  return rightSteps[index] ?? { request: step.request, policy: rightPolicy(location.origin) };
}
