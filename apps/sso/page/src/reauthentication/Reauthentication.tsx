/**
 * Asks the person to sign in again, in a dialog, before a change that needs a recent sign-in. The change is
 * then sent again by itself.
 */
import type { Factor } from '@samesite-sso/protocol';
import {
  FormError,
  type FormFailure,
  type PasskeySignIn,
  PasswordAndCode,
  type PasswordProof,
  usePasswordAndCode,
} from '@samesite-sso/ui';
import { type SubmitEvent, useId, useLayoutEffect, useRef } from 'react';
import './Reauthentication.css';

const REASONS: Record<Factor, string> = {
  password: 'Changes to your account need a sign-in within the last ten minutes.',
  code: 'Changes to your account need a sign-in with a code within the last ten minutes.',
  passkey: 'Changes to your account need a sign-in with your passkey within the last ten minutes.',
};

interface Props {
  username: string;
  /** What the sign-in needs. */
  method: Factor;
  /** @returns why it failed; null if it succeeded */
  reauthenticate: (proof: PasswordProof) => Promise<FormFailure | null>;
  passkeys: PasskeySignIn;
  cancel: () => void;
}

export function Reauthentication({ username, method, reauthenticate, passkeys, cancel }: Props) {
  const fields = usePasswordAndCode(method === 'code');
  const { failure, isPending, mustWait, submit, submitForm } = fields;
  const dialog = useRef<HTMLDialogElement>(null);
  /** Ends the browser's dialog for a passkey, if there is one. */
  const ending = useRef<AbortController>(null);
  const id = useId();
  const isPasskey = method === 'passkey';

  // A layout effect ends before the dialog is removed: closing it gives the focus back to the button that led
  // here.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => {
      ending.current?.abort();
      element?.close();
    };
  }, []);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>) {
    if (!isPasskey) return await submitForm(event, reauthenticate);
    event.preventDefault();
    await submit(() => {
      ending.current = new AbortController();
      return passkeys.signIn(ending.current.signal);
    });
  }

  return (
    <dialog
      ref={dialog}
      className="card reauthentication"
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        event.preventDefault();
        cancel();
      }}
    >
      <form className="form" onSubmit={onSubmit}>
        <h2 id={`${id}-title`}>Confirm that it’s you</h2>
        <p>{REASONS[method]}</p>
        {isPasskey ? (
          <>
            <FormError id={`${id}-error`} failure={failure} />
            <p className="field-hint">
              Lost your passkey? Ask an administrator of this site for an invitation. With it, you can set a
              new password and add a new passkey.
            </p>
          </>
        ) : (
          <PasswordAndCode id={id} state={fields} username={username} />
        )}
        <div className="reauthentication-buttons">
          <button
            type="submit"
            className="button button-primary"
            disabled={mustWait}
            aria-disabled={isPending}
          >
            {isPasskey ? 'Sign in with a passkey' : 'Confirm'}
          </button>
          <button type="button" className="button" onClick={cancel}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
