/**
 * The old password and a new one. What is wrong with either is said beside its field, and nothing that was typed is
 * lost; the passwords live in their fields alone, in no state.
 */
import { type Failure, FormFailure, PasswordField, useSending } from '@samesite-sso/ui';
import { type SubmitEvent, useId, useRef, useState } from 'react';
import type { Ended } from '../../../src/account-page/schemas.ts';
import { PASSWORD_LENGTH } from '../../../src/accounts/password-length.ts';
import type { Reply, Unsuccessful } from '../ask.ts';
import { failureOf } from '../messages.ts';

interface Props {
  username: string;
  changePassword: (oldPassword: string, newPassword: string) => Promise<Reply<Ended>>;
}

type FieldName = 'oldPassword' | 'newPassword';

/** Which field a refusal is about. */
const FIELD_OF: Readonly<Record<string, FieldName>> = {
  'wrong-password': 'oldPassword',
  'unfit-password': 'newPassword',
};

/** What got lost can have been the answer alone. */
const MAYBE_CHANGED = 'Your password may be changed already.';

export function PasswordForm({ username, changePassword }: Props) {
  const { failure, isSending, hasToWait, send } = useSending();
  const [fault, setFault] = useState<{ field: FieldName; words: string } | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const fields = { oldPassword: useRef<HTMLInputElement>(null), newPassword: useRef<HTMLInputElement>(null) };
  const id = useId();

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const typed = new FormData(form);
    await send(async () => {
      setFault(null);
      setDone(null);
      const reply = await changePassword(String(typed.get('oldPassword')), String(typed.get('newPassword')));
      if (reply.status !== 'answered') return beside(reply);
      form.reset();
      setDone(doneWords(reply.answer));
      return null;
    });
  }

  /** @returns what is about no field */
  function beside(reply: Unsuccessful): Failure | null {
    const failure = failureOf(reply);
    if (reply.status === 'unanswered') return { ...failure, words: `${failure.words} ${MAYBE_CHANGED}` };
    const field = FIELD_OF[reply.problem.code];
    if (field === undefined) return failure;
    setFault({ field, words: failure.words });
    fields[field].current?.focus();
    fields[field].current?.select();
    return null;
  }

  const faultOf = (field: FieldName) => (fault?.field === field ? fault.words : null);

  return (
    <form className="card form password" onSubmit={submit} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Change your password</h2>
      <p className="form-note" id={`${id}-note`}>
        This ends all your other sessions. This one goes on.
      </p>
      {/* For password managers, which must know whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <PasswordField
        ref={fields.oldPassword}
        id={`${id}-old`}
        name="oldPassword"
        label="Old password"
        autoComplete="current-password"
        describedBy={`${id}-note`}
        fault={faultOf('oldPassword')}
        concealed={isSending}
      />
      <PasswordField
        ref={fields.newPassword}
        id={`${id}-new`}
        name="newPassword"
        label="New password"
        autoComplete="new-password"
        hint={`At least ${PASSWORD_LENGTH.shortest} characters: a sentence is good.`}
        fault={faultOf('newPassword')}
        concealed={isSending}
      />
      <FormFailure id={`${id}-failure`} failure={failure} />
      <p className="password-done" role="status">
        {done}
      </p>
      <button type="submit" className="button button-primary" disabled={hasToWait} aria-disabled={isSending}>
        Change password
      </button>
    </form>
  );
}

function doneWords({ ended }: Ended): string {
  const others = ended === 1 ? 'Your other session has ended.' : `Your ${ended} other sessions have ended.`;
  return `Your password is changed. ${ended === 0 ? 'You had no other session.' : others}`;
}
