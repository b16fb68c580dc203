/** The authenticator app and its recovery codes: whether there are any, and how to change that. */
import { useRestoredFocus } from '@samesite-sso/ui';
import { useRef, useState } from 'react';
import type { NewAuthenticator, SignedInOverview } from '../../../src/account-page/schemas.ts';
import { ActionButton } from '../ActionButton.tsx';
import { AuthenticatorSetup } from './AuthenticatorSetup.tsx';
import type { AuthenticatorActions } from './authenticator-actions.ts';
import { FactorSection } from './FactorSection.tsx';
import { RecoveryCodes } from './RecoveryCodes.tsx';

/** With this many left, or fewer, the person should make new ones. */
const FEW_CODES = 3;

const DESCRIPTIONS = {
  on: 'After your password, you enter a code from the app on your phone.',
  off:
    'An app on your phone shows a code that you enter after your password. A stolen password alone is then ' +
    'useless.',
};

const NEW_CODES_ADVICE =
  'Make new ones before you run out. Without your phone or one of these, your password can’t sign you in.';

interface Props {
  overview: SignedInOverview;
  actions: AuthenticatorActions;
}

export function Authenticator({ overview, actions }: Props) {
  const { account, factors, canAddAuthenticator } = overview;
  const { authenticator: hasAuthenticator, recoveryCodes: codesLeft } = factors;
  const [prepared, setPrepared] = useState<NewAuthenticator | null>(null);
  const [newCodes, setNewCodes] = useState<readonly string[] | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  const region = useRef<HTMLDivElement>(null);
  useRestoredFocus(region);

  const add = async () => {
    setDone(null);
    setPrepared(await actions.prepareAuthenticator());
  };
  const makeCodes = async () => {
    setDone(null);
    setNewCodes((await actions.replaceRecoveryCodes())?.recoveryCodes ?? null);
  };
  const remove = async () => {
    if (await actions.removeAuthenticator()) setDone('Removed. Your password alone now signs you in.');
    setRemoving(false);
  };
  const finishAdding = (recoveryCodes: string[]) => {
    setPrepared(null);
    setNewCodes(recoveryCodes);
  };

  if (!hasAuthenticator && !canAddAuthenticator && newCodes === null) return null;
  return (
    <div ref={region}>
      <FactorSection name="Authenticator app" isOn={hasAuthenticator}>
        <p>{DESCRIPTIONS[hasAuthenticator ? 'on' : 'off']}</p>
        <p className="factor-done" role="status">
          {done}
        </p>
        {prepared !== null && (
          <AuthenticatorSetup
            prepared={prepared}
            endsOthers={hasAuthenticator || factors.passkeys.length === 0}
            confirm={actions.confirmAuthenticator}
            onConfirmed={finishAdding}
            onCancel={() => setPrepared(null)}
          />
        )}
        {newCodes !== null && (
          <RecoveryCodes codes={newCodes} username={account.username} onSaved={() => setNewCodes(null)} />
        )}
        {isRemoving && (
          <div className="factor-question">
            <p>
              Remove the app and its recovery codes? Your password alone will then sign you in. This ends all
              your other sessions.
            </p>
            <div className="factor-buttons">
              <ActionButton act={remove}>Remove the app</ActionButton>
              <button type="button" className="button" onClick={() => setRemoving(false)}>
                Keep it
              </button>
            </div>
          </div>
        )}
        {prepared === null && newCodes === null && !isRemoving && (
          <div className="factor-buttons">
            {canAddAuthenticator && (
              <ActionButton act={add}>
                {hasAuthenticator ? 'Use another phone' : 'Add an authenticator app'}
              </ActionButton>
            )}
            {hasAuthenticator && (
              <button type="button" className="button" onClick={() => setRemoving(true)}>
                Remove
              </button>
            )}
          </div>
        )}
      </FactorSection>
      {hasAuthenticator && newCodes === null && prepared === null && (
        <FactorSection name="Recovery codes" status={`${codesLeft} left`} isOn={codesLeft > FEW_CODES}>
          <p>
            {codesLeft > FEW_CODES
              ? 'Each signs you in once, in place of a code, when you don’t have your phone.'
              : NEW_CODES_ADVICE}
          </p>
          <div className="factor-buttons">
            <ActionButton act={makeCodes}>Make new codes</ActionButton>
          </div>
          <p className="factor-note">New codes replace the earlier ones, and end all your other sessions.</p>
        </FactorSection>
      )}
    </div>
  );
}
