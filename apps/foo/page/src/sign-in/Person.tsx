/** The account that has the SSO session in this browser. */
import type { Account } from '@samesite-sso/react';

export function Person({ account, id }: { account: Account; id?: string }) {
  return (
    <div className="person" id={id}>
      <span className="person-initial" translate="no" aria-hidden="true">
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
  );
}
