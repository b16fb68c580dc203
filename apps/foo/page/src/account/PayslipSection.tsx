/**
 * Requests a route that requires a recent sign-in with two factors. If the app refuses it, the person signs
 * in again in place, and the request is sent once more.
 */
import type { Account, Factor } from '@samesite-sso/react';
import { useState } from 'react';
import { AddFactorLink } from '../step-up/AddFactorLink.tsx';
import { StepUpForm } from '../step-up/StepUpForm.tsx';
import { type AppResponse, fetchFromApp } from './fetch-from-app.ts';
import { Result } from './Result.tsx';

const NOTE =
  'Your payslip needs a sign-in with two factors from the last ten minutes: a passkey, or your password ' +
  'and a code.';
const ONE_FACTOR_NOTE =
  'Your password was right, but your account has no authenticator app, so it counted as one factor. Use a ' +
  'passkey.';

/** The app doesn't know which second factors the account has. */
const SECOND_FACTORS: Factor[] = ['passkey', 'code'];

/** `still-insufficient`: the password was right, and the account has no authenticator app to check a code. */
type State = AppResponse | { status: 'hidden' | 'loading' | 'still-insufficient' };

export function PayslipSection({ account, ssoOrigin }: { account: Account; ssoOrigin: string }) {
  const [state, setState] = useState<State>({ status: 'hidden' });
  async function show(hasSteppedUp: boolean) {
    setState({ status: 'loading' });
    const result = await fetchFromApp('/api/payslip');
    const isStillInsufficient = hasSteppedUp && result.status === 'insufficient-user-authentication';
    setState(isStillInsufficient ? { status: 'still-insufficient' } : result);
  }

  switch (state.status) {
    case 'hidden':
    case 'loading':
      return (
        <button
          type="button"
          className="button"
          aria-disabled={state.status === 'loading'}
          onClick={() => state.status === 'loading' || void show(false)}
        >
          Show my payslip
        </button>
      );
    case 'insufficient-user-authentication':
    case 'still-insufficient': {
      const isFirst = state.status === 'insufficient-user-authentication';
      return (
        <div className="step-up" key={state.status}>
          <StepUpForm
            account={account}
            note={isFirst ? NOTE : ONE_FACTOR_NOTE}
            methods={isFirst ? SECOND_FACTORS : ['passkey']}
            onDone={() => void show(true)}
          />
          <p className="step-up-alternative">
            {isFirst ? 'Don’t have either?' : 'Don’t have a passkey?'} <AddFactorLink ssoOrigin={ssoOrigin} />
          </p>
        </div>
      );
    }
    case 'failed':
    case 'signed-out':
    case 'not-permitted':
      return (
        <Result>
          <div className="protected-response-failed">
            <p role="alert">{state.message}</p>
            <button type="button" className="button" onClick={() => void show(false)}>
              Try again
            </button>
          </div>
        </Result>
      );
    case 'ok':
      return (
        <Result>
          <figure className="protected-response">
            <figcaption>
              Response of <code translate="no">GET /api/payslip</code>, which needs two factors
            </figcaption>
            <pre translate="no">{JSON.stringify(state.body, null, 2)}</pre>
          </figure>
        </Result>
      );
  }
}
