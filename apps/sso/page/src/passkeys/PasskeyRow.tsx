/** One passkey, and the question before it is removed. */
import { useState } from 'react';
import type { FactorOverview } from '../../../src/account-page/schemas.ts';
import { ActionButton } from '../ActionButton.tsx';
import { formatTime } from '../sessions/format-time.ts';

interface Props {
  passkey: FactorOverview['passkeys'][number];
  isLast: boolean;
  remove: () => Promise<void>;
}

export function PasskeyRow({ passkey: { name, createdAt, lastUsedAt }, isLast, remove }: Props) {
  const [isRemoving, setRemoving] = useState(false);
  return (
    <li className="passkey">
      <p className="passkey-name" translate="no">
        {name}
      </p>
      <p className="factor-note">
        Added <Time at={createdAt} />
        {lastUsedAt === null ? (
          ', not used yet'
        ) : (
          <>
            , last used <Time at={lastUsedAt} />
          </>
        )}
      </p>
      {isRemoving ? (
        <div className="factor-question">
          <p>
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
          aria-label={`Remove ${name}`}
          onClick={() => setRemoving(true)}
        >
          Remove
        </button>
      )}
    </li>
  );
}

function Time({ at }: { at: string }) {
  return <time dateTime={at}>{formatTime(new Date(at), new Date())}</time>;
}
