/**
 * The form for username and password. The password is kept only in its field, never in React state, and
 * nothing in the background changes the form.
 */
import { type SubmitEvent, useEffect, useId, useRef } from 'react';
import { FormError, type FormFailure, useSubmission } from './FormError.tsx';
import { PasswordField } from './PasswordField.tsx';
import './form.css';

interface Props {
  /** Shown above the fields. */
  note: string | null;
  /** @returns why the sign-in failed; null if it succeeded */
  signIn(username: string, password: string): Promise<FormFailure | null>;
}

export function SignInForm({ note, signIn }: Props) {
  const { failure, isPending, mustWait, submit } = useSubmission();
  const username = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const id = useId();

  useEffect(() => {
    // Unless the person has already focused something else.
    if (document.activeElement === document.body) username.current?.focus({ preventScroll: true });
  }, []);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const result = await submit(() => signIn(String(form.get('username')), String(form.get('password'))));
    if (result === null || result.isUnanswered) return;
    password.current?.focus();
    password.current?.select();
  }

  return (
    <form className="card form" onSubmit={onSubmit} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Sign in</h2>
      {note && (
        <p className="form-note" id={`${id}-note`}>
          {note}
        </p>
      )}
      <div className="field">
        <label htmlFor={`${id}-username`}>Username</label>
        <input
          ref={username}
          data-focus-target
          id={`${id}-username`}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={1024}
          required
          aria-describedby={note === null ? undefined : `${id}-note`}
        />
      </div>
      <PasswordField
        ref={password}
        id={`${id}-password`}
        name="password"
        label="Password"
        autoComplete="current-password"
        describedBy={`${id}-error`}
        masked={isPending}
      />
      <FormError id={`${id}-error`} failure={failure} />
      <button type="submit" className="button button-primary" disabled={mustWait} aria-disabled={isPending}>
        Sign in
      </button>
    </form>
  );
}
