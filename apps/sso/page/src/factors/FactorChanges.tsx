/** What has changed lately about how the person signs in, so that they notice if it wasn't them. */
import { useId } from 'react';
import type { FactorChangeOverview } from '../../../src/account-page/schemas.ts';
import { Timestamp } from '../sessions/Timestamp.tsx';

const LABELS: Record<FactorChangeOverview['kind'], string> = {
  'passkey added': 'Passkey added',
  'passkey removed': 'Passkey removed',
  'authenticator added': 'Authenticator app added',
  'authenticator removed': 'Authenticator app removed',
  'recovery codes replaced': 'New recovery codes made',
};

export function FactorChanges({ changes }: { changes: readonly FactorChangeOverview[] }) {
  const id = useId();
  if (changes.length === 0) return null;
  return (
    <section className="factor-changes" aria-labelledby={id}>
      <h3 id={id}>Recent changes</h3>
      <ul>
        {changes.map(({ kind, detail, at }, index) => (
          // Several changes may have the same time. The list never changes its order.
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <li key={`${at} ${index}`}>
            <span>
              {LABELS[kind]}
              {detail !== null && (
                <>
                  : <span translate="no">{detail}</span>
                </>
              )}
            </span>
            <Timestamp iso={at} />
          </li>
        ))}
      </ul>
      <p className="factor-note">
        If you didn’t make one of these changes, undo it here, change your password, and tell an administrator
        of this site.
      </p>
    </section>
  );
}
