/**
 * Whom the site knows, and whether they go on as this person here. Nothing starts at this app before they say so:
 * the mode `confirm`.
 */
import { type Account, useSso } from '@samesite-sso/react';
import { useId, useState } from 'react';
import './Confirmation.css';

interface Props {
  account: Account;
  appName: string;
  onAnother: () => void;
}

export function Confirmation({ account, appName, onAnother }: Props) {
  const { busy, confirm } = useSso();
  const [askedFirst] = useState(account.id);
  const id = useId();

  return (
    <section className="card confirmation" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        Go on to <span translate="no">{appName}</span>?
      </h2>
      <p role="alert" className="confirmation-news">
        {account.id !== askedFirst && 'Somebody else has signed in on this site meanwhile.'}
      </p>
      <div className="person" id={`${id}-person`}>
        <span className="person-mark" translate="no" aria-hidden="true">
          {[...account.displayName][0]}
        </span>
        <p>
          <span className="for-screen-readers">Signed in on this site: </span>
          <b translate="no">{account.displayName}</b>{' '}
          <span className="person-username" translate="no">
            {account.username}
          </span>
        </p>
      </div>
      <p className="confirmation-words" id={`${id}-words`}>
        You are signed in on this site already. <span translate="no">{appName}</span> learns who you are when
        you go on, and needs no password.
      </p>
      <button
        type="button"
        className="button button-primary"
        data-landing
        aria-describedby={`${id}-person ${id}-words`}
        aria-disabled={busy}
        onClick={() => busy || void confirm(account)}
      >
        <span>
          Continue as <span translate="no">{account.displayName}</span>
        </span>
      </button>
      <button type="button" className="button" onClick={onAnother}>
        Use another account
      </button>
    </section>
  );
}
