/** One passkey, and the question before it is removed. */
import { useRestoredFocus } from '@samesite-sso/ui';
import { useRef, useState } from 'react';
import type { FactorOverview } from '../../../src/account-page/schemas.ts';
import { ActionButton } from '../ActionButton.tsx';
import { Timestamp } from '../sessions/Timestamp.tsx';

interface Props {
  passkey: FactorOverview['passkeys'][number];
  isLast: boolean;
  remove: () => Promise<void>;
}

export function PasskeyRow({ passkey: { name, createdAt, lastUsedAt }, isLast, remove }: Props) {
  const [isRemoving, setRemoving] = useState(false);
  const row = useRef<HTMLLIElement>(null);
  useRestoredFocus(row);

  return (
    <li className="passkey" ref={row}>
      <p className="passkey-name" translate="no">
        {name}
      </p>
      <p className="factor-note">
        Added <Timestamp iso={createdAt} />
        {lastUsedAt === null ? (
          ', not used yet'
        ) : (
          <>
            , last used <Timestamp iso={lastUsedAt} />
          </>
        )}
      </p>
      {isRemoving ? (
        <div className="factor-question">
          <p tabIndex={-1} data-focus-target>
            Remove this passkey? It will no longer sign you in anywhere. This ends all your other sessions.
            {isLast && ' After that, you sign in with your password.'}
          </p>
          <div className="factor-buttons">
            <ActionButton
              act={async () => {
                await remove();
                setRemoving(false);
              }}
            >
              Remove the passkey
            </ActionButton>
            <button type="button" className="button" onClick={() => setRemoving(false)}>
              Keep it
            </button>
          </div>
        </div>
      ) : (
        <button
          type="button"
          className="button"
          data-focus-target
          aria-label={`Remove ${name}`}
          onClick={() => setRemoving(true)}
        >
          Remove
        </button>
      )}
    </li>
  );
}
