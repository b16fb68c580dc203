/** Who is signed in, and the way out. */
import type { Account } from '@samesite-sso/protocol';
import { ActionButton } from './ActionButton.tsx';

export function WhoCard({ account, signOut }: { account: Account; signOut: () => Promise<void> }) {
  return (
    <section className="card who">
      <p className="who-eyebrow">Signed in as</p>
      <h2 className="who-name" translate="no" tabIndex={-1} data-landing>
        {account.displayName}
      </h2>
      <p className="who-username" translate="no">
        {account.username}
      </p>
      <ActionButton act={signOut}>Sign out</ActionButton>
    </section>
  );
}
