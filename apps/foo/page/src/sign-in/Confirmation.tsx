/** Mode `confirm`: asks the person whether to sign in here with the account that has the SSO session. */
import { type Account, useSso } from '@samesite-sso/react';
import { useId, useState } from 'react';
import { ANOTHER_SIGNED_IN } from '../messages.ts';
import { Person } from './Person.tsx';
import './Confirmation.css';

interface Props {
  account: Account;
  appName: string;
  onUseAnother: () => void;
}

export function Confirmation({ account, appName, onUseAnother }: Props) {
  const { isPending, confirm } = useSso();
  const [firstId] = useState(account.id);
  const id = useId();

  return (
    <section className="card confirmation" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        Continue to <span translate="no">{appName}</span>?
      </h2>
      <p role="alert" className="confirmation-change">
        {account.id !== firstId && ANOTHER_SIGNED_IN}
      </p>
      <Person account={account} id={`${id}-person`} />
      <p className="confirmation-text" id={`${id}-text`}>
        You are already signed in on this site. If you continue, <span translate="no">{appName}</span> learns
        who you are. You don’t need your password.
      </p>
      <button
        type="button"
        className="button button-primary"
        data-focus-target
        aria-describedby={`${id}-person ${id}-text`}
        aria-disabled={isPending}
        onClick={() => isPending || void confirm(account)}
      >
        <span>
          Continue as <span translate="no">{account.displayName}</span>
        </span>
      </button>
      <button type="button" className="button" onClick={onUseAnother}>
        Use another account
      </button>
    </section>
  );
}
