/** Shows an invitation if the page was opened by the link of one, and otherwise the account. */
import { useEffect, useState } from 'react';
import { App } from './App.tsx';
import { Invitation } from './invitation/Invitation.tsx';
import { takeInvitationSecret } from './invitation/invitation-link.ts';

/** @param linkSecret the secret in the link that opened the page */
export function Page({ linkSecret }: { linkSecret: string | null }) {
  const [secret, setSecret] = useState(linkSecret);
  /** The account whose invitation the person has accepted here, until they dismiss the advice. */
  const [invitedId, setInvitedId] = useState<string | null>(null);

  useEffect(() => {
    // The link may be opened in a tab that already shows this page.
    const onHashChange = () => {
      const next = takeInvitationSecret();
      if (next !== null) setSecret(next);
    };
    addEventListener('hashchange', onHashChange);
    onHashChange(); // It may have changed since the page began to load.
    return () => removeEventListener('hashchange', onHashChange);
  }, []);

  if (secret === null) return <App invitedId={invitedId} dismissAdvice={() => setInvitedId(null)} />;
  const leave = (id: string | null) => {
    setInvitedId(id);
    setSecret(null);
  };
  return <Invitation key={secret} secret={secret} leave={leave} />;
}
