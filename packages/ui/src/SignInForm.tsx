/**
 * The form for username and password, and for a code once the service asks for one. They are kept only in
 * their fields, never in React state, and nothing in the background changes the form.
 */
import { type SubmitEvent, useEffect, useId, useRef } from 'react';
import type { FormFailure } from './FormError.tsx';
import { PasskeyButton } from './PasskeyButton.tsx';
import { PasswordAndCode, usePasswordAndCode } from './PasswordAndCode.tsx';
import './form.css';

interface Props {
  /** Shown above the fields. */
  note: string | null;
  /**
   * @param code absent until a sign-in has failed without it
   * @returns why the sign-in failed; null if it succeeded
   */
  signIn(username: string, password: string, code?: string): Promise<FormFailure | null>;
  passkeys: PasskeySignIn;
}

/** Functions that stay the same while the form is shown. */
export interface PasskeySignIn {
  /**
   * @param signal ends the browser's dialog
   * @returns why the sign-in failed; null if it succeeded
   */
  signIn(signal: AbortSignal): Promise<FormFailure | null>;
  /** Offers passkeys in the username's autofill. @returns a function that stops it */
  autofill(onResult: (failure: FormFailure | null) => void): () => void;
}

export function SignInForm({ note, signIn, passkeys }: Props) {
  const fields = usePasswordAndCode();
  const { isPending, mustWait, show, setCodeNeeded } = fields;
  const username = useRef<HTMLInputElement>(null);
  /** Ends the browser's dialog for a passkey, if there is one. */
  const dialog = useRef<AbortController>(null);
  const id = useId();

  useEffect(() => {
    // Unless the person has already focused something else.
    if (document.activeElement === document.body) username.current?.focus({ preventScroll: true });
  }, []);

  useEffect(() => passkeys.autofill(show), [passkeys, show]);
  useEffect(() => () => dialog.current?.abort(), []);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>) {
    dialog.current?.abort();
    await fields.submitForm(event, ({ password, code }, username) => signIn(username, password, code));
  }

  async function askForPasskey() {
    dialog.current?.abort();
    const own = new AbortController();
    dialog.current = own;
    show(null);
    const result = await passkeys.signIn(own.signal);
    if (!own.signal.aborted) show(result);
  }

  // Another username or password may need no code.
  const onCredentialsChange = () => setCodeNeeded(false);

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
          onInput={onCredentialsChange}
          data-focus-target
          id={`${id}-username`}
          name="username"
          autoComplete="username webauthn"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={1024}
          required
          aria-describedby={note === null ? undefined : `${id}-note`}
        />
      </div>
      <PasswordAndCode id={id} state={fields} onPasswordInput={onCredentialsChange} />
      <button type="submit" className="button button-primary" disabled={mustWait} aria-disabled={isPending}>
        Sign in
      </button>
      <PasskeyButton isPending={isPending} signIn={() => isPending || void askForPasskey()} />
    </form>
  );
}
