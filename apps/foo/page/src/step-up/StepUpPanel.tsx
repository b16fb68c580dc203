/** Shown where the app requires two factors, and the SSO session was started with one. */
import type { UseSsoResult } from '@samesite-sso/react';
import { SignOutButton } from '../SignOutButton.tsx';
import type { Settings } from '../settings.ts';
import { AddFactorLink } from './AddFactorLink.tsx';
import { StepUpForm } from './StepUpForm.tsx';

interface Props {
  sso: Extract<UseSsoResult, { status: 'step-up-required' }>;
  settings: Settings;
}

export function StepUpPanel({ sso, settings }: Props) {
  const { account, methods } = sso;

  return (
    <section className="card account">
      {methods.length > 0 ? (
        <StepUpForm
          account={account}
          note={`${settings.name} requires a second factor. You are signed in as ${account.displayName}.`}
          methods={methods}
        />
      ) : (
        <>
          <h2 tabIndex={-1} data-focus-target>
            A second factor is required
          </h2>
          <p>
            <span translate="no">{settings.name}</span> requires a second factor, and the account of{' '}
            <b translate="no">{account.displayName}</b> has none. Add one, then come back to this page.
          </p>
          <AddFactorLink ssoOrigin={settings.ssoOrigin} />
        </>
      )}
      <SignOutButton />
    </section>
  );
}
