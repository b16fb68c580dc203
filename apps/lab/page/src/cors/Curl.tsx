/** The experiment's requests as curl commands, since curl has no CORS checks. */
import type { TargetOrigins } from '../../../cors/experiment-request.ts';
import type { ExperimentStep } from '../../../cors/policy.ts';
import { runPath } from '../../../exchange/run.ts';
import { curlCommand } from '../../../experiments/curl-command.ts';
import { Command } from './Command.tsx';

interface Props {
  steps: readonly ExperimentStep[];
  origins: TargetOrigins;
  /** Null before the run. */
  runId: string | null;
}

export function Curl({ steps, origins, runId }: Props) {
  const path = runPath(runId ?? 'RUN');
  const commands = steps.map(({ request }) =>
    curlCommand(request, origins[request.target] + path, location.origin),
  );

  return (
    <section className="curl stack" aria-labelledby="curl-title">
      <h3 id="curl-title">Without a browser</h3>
      <p>
        curl prints the response under every policy. CORS protects people who use browsers, not servers.
        {runId === null && ' Run the experiment first: the run’s id replaces RUN.'}
      </p>
      {[...new Set(commands)].map((command) => (
        <Command text={command} key={command} />
      ))}
    </section>
  );
}
