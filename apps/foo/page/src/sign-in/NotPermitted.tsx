/** Names the account that may not use this app, and what the person can do. */
import { type Account, useSso } from '@samesite-sso/react';
import { useId } from 'react';
import { SignOutButton } from '../SignOutButton.tsx';
import { Person } from './Person.tsx';
import './Confirmation.css';

interface Props {
  account: Account;
  appName: string;
  onUseAnother: () => void;
}

export function NotPermitted({ account, appName, onUseAnother }: Props) {
  const { isPending, signInSilently } = useSso();
  const id = useId();

  return (
    <section className="card confirmation" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} tabIndex={-1} data-focus-target>
        You don’t have access to <span translate="no">{appName}</span>
      </h2>
      <Person account={account} />
      <p role="alert" className="confirmation-text">
        You are signed in as <span translate="no">{account.displayName}</span>, but this account isn’t in any
        of the groups that may use <span translate="no">{appName}</span>. Other apps of this site aren’t
        affected. If you need access, ask an administrator of this site.
      </p>
      <button type="button" className="button button-primary" onClick={onUseAnother}>
        Sign in as somebody else
      </button>
      <button
        type="button"
        className="button"
        aria-disabled={isPending}
        onClick={() => isPending || void signInSilently()}
      >
        Try again
      </button>
      <SignOutButton />
    </section>
  );
}
