/** A button that sends a demo's requests, and a live region with their result. */
import { type ReactNode, startTransition, useActionState } from 'react';

interface Props<Result> {
  label: string;
  request: () => Promise<Result>;
  /** Shows the result. */
  children: (result: Result) => ReactNode;
}

interface Outcome<Result> {
  result: Result | null;
  failure: string | null;
}

export function Demo<Result>({ label, request, children }: Props<Result>) {
  const [{ result, failure }, run, isPending] = useActionState<Outcome<Result>>(
    async () => {
      try {
        return { result: await request(), failure: null };
      } catch (error) {
        return { result: null, failure: `The lab’s server didn’t respond as expected (${error}).` };
      }
    },
    { result: null, failure: null },
  );

  return (
    <>
      <button
        type="button"
        className="button button-primary"
        aria-disabled={isPending}
        onClick={() => isPending || startTransition(run)}
      >
        {label}
      </button>
      <div className="demo-result" role="status">
        {failure !== null && !isPending && <p className="demo-failure">{failure}</p>}
        {result && children(result)}
      </div>
    </>
  );
}
