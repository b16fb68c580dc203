/** An invitation: whose account it is, and the form with which its holder sets a password. */
import { Header } from '@samesite-sso/ui';
import { useCallback, useEffect, useState } from 'react';
import { ACCOUNT_PATHS } from '../../../src/account-page/paths.ts';
import type { InvitedAccount } from '../../../src/account-page/schemas.ts';
import { AccountIcon } from '../AccountIcon.tsx';
import { ActionButton } from '../ActionButton.tsx';
import { failureOf } from '../failure-messages.ts';
import { type FailedReply, isRefused, type Reply, sendAccountRequest } from '../send-account-request.ts';
import { InvitationForm } from './InvitationForm.tsx';
import '@samesite-sso/ui/alert.css';

interface Props {
  secret: string;
  /**
   * Shows the account page.
   *
   * @param invitedId the account's id; null if the person hasn't accepted the invitation
   */
  leave: (invitedId: string | null) => void;
}

export function Invitation({ secret, leave }: Props) {
  const [reply, setReply] = useState<Reply<InvitedAccount> | null>(null);
  const load = useCallback(async () => setReply(await findInvited(secret)), [secret]);
  useEffect(() => void load(), [load]);

  return (
    <main className="page">
      <Header name="Your account" icon={<AccountIcon />}>
        Use this account in the apps of this site.
      </Header>
      {reply === null && <p className="card placeholder delayed">Checking your invitation …</p>}
      {reply?.status === 'ok' && (
        <InvitationForm
          account={reply.body.account}
          secret={secret}
          onAccepted={() => leave(reply.body.account.id)}
          onInvalid={setReply}
        />
      )}
      {reply !== null && reply.status !== 'ok' && (
        <Failure reply={reply} tryAgain={load} giveUp={async () => leave(null)} />
      )}
    </main>
  );
}

interface FailureProps {
  reply: FailedReply;
  tryAgain: () => Promise<void>;
  giveUp: () => Promise<void>;
}

function Failure({ reply, tryAgain, giveUp }: FailureProps) {
  const isInvalid = isRefused(reply, 'invalid-invitation');
  return (
    <section className="alert">
      <div role="alert">
        <p className="alert-title">
          {isInvalid ? 'This invitation doesn’t work.' : failureOf(reply).message}
        </p>
        <p>
          {isInvalid
            ? 'It has been used or replaced, or it is too old. Ask for a new one. If you didn’t use ' +
              'it, say so: somebody else may have.'
            : 'Checking doesn’t use up the invitation. Try again in a moment.'}
        </p>
      </div>
      {isInvalid ? (
        <ActionButton act={giveUp}>Go to your account</ActionButton>
      ) : (
        <ActionButton act={tryAgain}>Try again</ActionButton>
      )}
    </section>
  );
}

function findInvited(secret: string): Promise<Reply<InvitedAccount>> {
  return sendAccountRequest<InvitedAccount>('POST', ACCOUNT_PATHS.invitation, { secret });
}
