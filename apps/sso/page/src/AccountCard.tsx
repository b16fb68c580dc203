/** The signed-in account, and the button to sign out. */
import type { Account } from '@samesite-sso/protocol';
import { ActionButton } from './ActionButton.tsx';

export function AccountCard({ account, signOut }: { account: Account; signOut: () => Promise<void> }) {
  return (
    <section className="card account-card">
      <p className="account-card-label">Signed in as</p>
      <h2 className="account-card-name" translate="no" tabIndex={-1} data-focus-target>
        {account.displayName}
      </h2>
      <p className="account-card-username" translate="no">
        {account.username}
      </p>
      <ActionButton act={signOut}>Sign out</ActionButton>
    </section>
  );
}
