/** Explains the verdict: the reason, the standard's step, and the header to blame. */
import type { ReactNode } from 'react';
import type { Verdict } from '../../../../cors/verdict.ts';

export function VerdictCard({ verdict }: { verdict: Verdict }) {
  const { reason, step, link, header, failedIn } = verdict;
  const standard = (
    <a href={link} target="_blank" rel="noreferrer">
      {step}
    </a>
  );
  return (
    <dl className="verdict">
      <Fact name="Why">{reason}</Fact>
      <Fact name="Fetch standard">{standard}</Fact>
      {failedIn && (
        <Fact name="Failed in the response to">
          {failedIn === 'preflight' ? 'the preflight' : 'the request itself'}
        </Fact>
      )}
      {header && (
        <Fact name="Header to blame">
          <code translate="no">{header}</code>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
