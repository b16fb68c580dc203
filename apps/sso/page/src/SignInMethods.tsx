/** How the person signs in: passkeys, the authenticator app, and what has changed lately. */
import { useId } from 'react';
import type { SignedInOverview } from '../../src/account-page/schemas.ts';
import { Authenticator } from './factors/Authenticator.tsx';
import type { AuthenticatorActions } from './factors/authenticator-actions.ts';
import { FactorChanges } from './factors/FactorChanges.tsx';
import { Passkeys } from './passkeys/Passkeys.tsx';
import type { PasskeyActions } from './passkeys/passkey-actions.ts';
import './factors/factors.css';

interface Props {
  overview: SignedInOverview;
  authenticatorActions: AuthenticatorActions;
  passkeyActions: PasskeyActions;
}

export function SignInMethods({ overview, authenticatorActions, passkeyActions }: Props) {
  const id = useId();
  return (
    <section className="methods" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>How you sign in</h2>
      <div className="card methods-card">
        <Passkeys overview={overview} actions={passkeyActions} />
        <Authenticator overview={overview} actions={authenticatorActions} />
        <FactorChanges changes={overview.factorChanges} />
      </div>
    </section>
  );
}
