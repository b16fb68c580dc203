/**
 * Username and password, and what became of them. The password lives in its field alone, in no state; whatever
 * happens in the background leaves the form as it is. How to log in is the page's to say.
 */
import { type SubmitEvent, useEffect, useId, useRef } from 'react';
import { type Failure, FormFailure } from './FormFailure.tsx';
import { PasswordField } from './PasswordField.tsx';
import { useSending } from './use-sending.ts';
import './form.css';

interface Props {
  /** What the person should know before; null for nothing. */
  note: string | null;
  /** @returns why it did not work; null if it did */
  logIn(username: string, password: string): Promise<Failure | null>;
}

export function SignInForm({ note, logIn }: Props) {
  const { failure, isSending, hasToWait, send } = useSending();
  const username = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const id = useId();

  useEffect(() => {
    // Whoever opens the page goes on here, unless they were quicker and are somewhere else.
    if (document.activeElement === document.body) username.current?.focus({ preventScroll: true });
  }, []);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    const refused = await send(() => logIn(String(typed.get('username')), String(typed.get('password'))));
    if (refused === null || refused.isSilence) return;
    password.current?.focus();
    password.current?.select();
  }

  return (
    <form className="card form" onSubmit={submit} aria-labelledby={`${id}-title`}>
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
          data-landing
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
        describedBy={`${id}-failure`}
        concealed={isSending}
      />
      <FormFailure id={`${id}-failure`} failure={failure} />
      <button type="submit" className="button button-primary" disabled={hasToWait} aria-disabled={isSending}>
        Sign in
      </button>
    </form>
  );
}
