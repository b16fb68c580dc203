/** The person's passkeys: each can be removed, and others added. */
import { useRestoredFocus } from '@samesite-sso/ui';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { SignedInOverview } from '../../../src/account-page/schemas.ts';
import { FactorSection } from '../factors/FactorSection.tsx';
import { canCreatePasskeys, signalAccepted } from './create-passkey.ts';
import { PasskeyForm } from './PasskeyForm.tsx';
import { PasskeyRow } from './PasskeyRow.tsx';
import type { PasskeyActions } from './passkey-actions.ts';
import './passkeys.css';

interface Props {
  overview: SignedInOverview;
  actions: PasskeyActions;
}

export function Passkeys({ overview, actions }: Props) {
  const { passkeys, authenticator } = overview.factors;
  const [isAdding, setAdding] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  const region = useRef<HTMLDivElement>(null);
  useRestoredFocus(region);

  // Don't signal while a passkey is being added: between its creation and its storage, the browser would
  // forget it. Closing the browser's dialog gives the focus back to the page, which then loads the overview
  // again.
  const signal = useEffectEvent((shown: SignedInOverview) => {
    if (!isAdding) signalAccepted(shown);
  });
  useEffect(() => signal(overview), [overview]);

  const startAdding = () => {
    setDone(null);
    setAdding(true);
  };
  const finish = (name: string) => {
    setAdding(false);
    setDone(`Added: ${name}.`);
  };
  const remove = async (id: string, name: string) => {
    setDone(null);
    if (await actions.removePasskey(id)) setDone(`Removed: ${name}.`);
  };

  return (
    <div ref={region}>
      <FactorSection name="Passkeys" isOn={passkeys.length > 0}>
        <p>
          A passkey signs you in with your fingerprint, your face or your device’s PIN. No fake site can trick
          you out of it.
        </p>
        {passkeys.length > 0 && (
          <ul className="passkeys">
            {passkeys.map((passkey) => (
              <PasskeyRow
                key={passkey.id}
                passkey={passkey}
                isLast={passkeys.length === 1}
                remove={() => remove(passkey.id, passkey.name)}
              />
            ))}
          </ul>
        )}
        <p className="factor-done" role="status">
          {done}
        </p>
        {isAdding ? (
          <PasskeyForm
            // What the person's browser and system are called.
            defaultName={overview.sessions[0]?.device ?? ''}
            endsOthers={passkeys.length === 0 && !authenticator}
            add={actions.addPasskey}
            onAdded={finish}
            onCancel={() => setAdding(false)}
          />
        ) : (
          <div className="factor-buttons">
            {canCreatePasskeys() ? (
              <button type="button" className="button" onClick={startAdding}>
                Add a passkey
              </button>
            ) : (
              <p className="factor-note">This browser can’t create passkeys.</p>
            )}
          </div>
        )}
      </FactorSection>
    </div>
  );
}
