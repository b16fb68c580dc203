/**
 * Changes the password. Errors are shown beside the field that they are about, and the fields keep their
 * content. Passwords are kept only in their fields, never in React state.
 */
import { FormError, type FormFailure, PasswordField, useSubmission } from '@samesite-sso/ui';
import { type SubmitEvent, useId, useRef, useState } from 'react';
import type { Ended } from '../../../src/account-page/schemas.ts';
import { PASSWORD_LENGTH } from '../../../src/accounts/password-text.ts';
import { failureOf } from '../failure-messages.ts';
import type { FailedReply, Reply } from '../send-account-request.ts';

interface Props {
  username: string;
  changePassword: (oldPassword: string, newPassword: string) => Promise<Reply<Ended>>;
}

type FieldName = 'oldPassword' | 'newPassword';

/** The field that a problem is about. */
const FIELD_OF: Readonly<Record<string, FieldName>> = {
  'wrong-password': 'oldPassword',
  'unfit-password': 'newPassword',
};

const MAYBE_CHANGED = 'Your password may already have been changed.';

export function PasswordForm({ username, changePassword }: Props) {
  const { failure, isPending, mustWait, submit } = useSubmission();
  const [fieldError, setFieldError] = useState<{ field: FieldName; message: string } | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const fields = { oldPassword: useRef<HTMLInputElement>(null), newPassword: useRef<HTMLInputElement>(null) };
  const id = useId();

  async function onSubmit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    await submit(async () => {
      setFieldError(null);
      setDone(null);
      const reply = await changePassword(String(data.get('oldPassword')), String(data.get('newPassword')));
      if (reply.status !== 'ok') return showFailure(reply);
      form.reset();
      setDone(doneMessage(reply.body));
      return null;
    });
  }

  /** @returns the failure, unless it is about one of the fields */
  function showFailure(reply: FailedReply): FormFailure | null {
    const failure = failureOf(reply, { ifUnanswered: MAYBE_CHANGED });
    const field = reply.status === 'refused' ? FIELD_OF[reply.problem.code] : undefined;
    if (field === undefined) return failure;
    setFieldError({ field, message: failure.message });
    fields[field].current?.focus();
    fields[field].current?.select();
    return null;
  }

  const errorOf = (field: FieldName) => (fieldError?.field === field ? fieldError.message : null);

  return (
    <form className="card form password" onSubmit={onSubmit} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Change your password</h2>
      <p className="form-note" id={`${id}-note`}>
        This ends all your other sessions and keeps this one.
      </p>
      {/* For password managers: whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <PasswordField
        ref={fields.oldPassword}
        id={`${id}-old`}
        name="oldPassword"
        label="Old password"
        autoComplete="current-password"
        describedBy={`${id}-note`}
        error={errorOf('oldPassword')}
        masked={isPending}
      />
      <PasswordField
        ref={fields.newPassword}
        id={`${id}-new`}
        name="newPassword"
        label="New password"
        autoComplete="new-password"
        hint={`At least ${PASSWORD_LENGTH.shortest} characters. A sentence works well.`}
        error={errorOf('newPassword')}
        masked={isPending}
      />
      <FormError id={`${id}-error`} failure={failure} />
      <p className="password-done" role="status">
        {done}
      </p>
      <button type="submit" className="button button-primary" disabled={mustWait} aria-disabled={isPending}>
        Change password
      </button>
    </form>
  );
}

function doneMessage({ ended }: Ended): string {
  const others = ended === 1 ? 'Your other session has ended.' : `Your ${ended} other sessions have ended.`;
  return `Your password has been changed. ${ended === 0 ? 'You had no other sessions.' : others}`;
}
