/** Sets the password of an invited account. The password is kept only in its field, never in React state. */
import { areCookiesBlocked } from '@samesite-sso/browser';
import type { Account } from '@samesite-sso/protocol';
import { FormError, type FormFailure, PasswordField, useSubmission } from '@samesite-sso/ui';
import { type SubmitEvent, useEffect, useId, useRef, useState } from 'react';
import { ACCOUNT_PATHS } from '../../../src/account-page/paths.ts';
import { PASSWORD_LENGTH } from '../../../src/accounts/password-text.ts';
import { COOKIES_BLOCKED_FAILURE, failureOf } from '../failure-messages.ts';
import { notifyOtherTabs } from '../reload-when-stale.ts';
import { type FailedReply, isRefused, sendAccountRequest } from '../send-account-request.ts';

interface Props {
  account: Account;
  secret: string;
  onAccepted: () => void;
  onInvalid: (reply: FailedReply) => void;
}

const MAYBE_SET =
  'Your password may already be set. If this link no longer works, sign in with the new password.';

export function InvitationForm({ account, secret, onAccepted, onInvalid }: Props) {
  const { failure, isPending, mustWait, submit } = useSubmission();
  const [fieldError, setFieldError] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();

  useEffect(() => field.current?.focus({ preventScroll: true }), []);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password'));
    await submit(async () => {
      setFieldError(null);
      return await accept(password);
    });
  }

  /** @returns the failure, unless it is about the field, or the invitation doesn't work any more */
  async function accept(password: string): Promise<FormFailure | null> {
    // No session could start, so don't use the invitation up.
    if (areCookiesBlocked()) return COOKIES_BLOCKED_FAILURE;
    const reply = await sendAccountRequest('PUT', ACCOUNT_PATHS.invitation, { secret, password });
    if (reply.status === 'ok') {
      notifyOtherTabs();
      onAccepted();
      return null;
    }
    if (isRefused(reply, 'invalid-invitation')) {
      onInvalid(reply);
      return null;
    }
    const failure = failureOf(reply, { ifUnanswered: MAYBE_SET });
    if (!isRefused(reply, 'unfit-password')) return failure;
    setFieldError(failure.message);
    field.current?.focus();
    field.current?.select();
    return null;
  }

  return (
    <form className="card form" onSubmit={onSubmit} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        Welcome, <span translate="no">{account.displayName}</span>
      </h2>
      <p className="form-note" id={`${id}-note`}>
        Set the password of your account <b translate="no">{account.username}</b>. You are then signed in
        here. Any earlier passkeys and authenticator app of the account are removed, and its earlier sessions
        end.
      </p>
      {/* For password managers: whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={account.username} readOnly hidden />
      <PasswordField
        ref={field}
        id={`${id}-password`}
        name="password"
        label="New password"
        autoComplete="new-password"
        describedBy={`${id}-note`}
        hint={`At least ${PASSWORD_LENGTH.shortest} characters. A sentence works well.`}
        error={fieldError}
        masked={isPending}
      />
      <FormError id={`${id}-error`} failure={failure} />
      <button type="submit" className="button button-primary" disabled={mustWait} aria-disabled={isPending}>
        Set password and sign in
      </button>
    </form>
  );
}
