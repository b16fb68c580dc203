/** Requests a route that requires a group, and says so to a person who isn't in it. */
import { useState } from 'react';
import { type AppResponse, fetchFromApp } from './fetch-from-app.ts';
import { Result } from './Result.tsx';

type State = AppResponse | { status: 'hidden' } | { status: 'loading' };

const NOT_IN_GROUP = 'Reports are for the group “staff”, and your account isn’t in it.';

export function ReportsSection() {
  const [state, setState] = useState<State>({ status: 'hidden' });

  async function show() {
    setState({ status: 'loading' });
    setState(await fetchFromApp('/api/reports'));
  }

  if (state.status === 'ok') {
    return (
      <Result>
        <figure className="protected-response">
          <figcaption>
            Response of <code translate="no">GET /api/reports</code>, which needs the group{' '}
            <code translate="no">staff</code>
          </figcaption>
          <pre translate="no">{JSON.stringify(state.body, null, 2)}</pre>
        </figure>
      </Result>
    );
  }
  const button = (
    <button
      type="button"
      className="button"
      aria-disabled={state.status === 'loading'}
      onClick={() => state.status === 'loading' || void show()}
    >
      Show the reports
    </button>
  );
  if (state.status === 'hidden' || state.status === 'loading') return button;
  return (
    <Result>
      <div className="protected-response-failed">
        <p role="alert">{state.status === 'not-permitted' ? NOT_IN_GROUP : state.message}</p>
        {button}
      </div>
    </Result>
  );
}
