/** Adds an authenticator app: its key as a QR code and as text, and the field for its first code. */
import { CodeField, FormError, type FormFailure, useSubmission } from '@samesite-sso/ui';
import { type SubmitEvent, useEffect, useId, useRef } from 'react';
import type { NewAuthenticator, NewRecoveryCodes } from '../../../src/account-page/schemas.ts';
import { CopyButton } from './CopyButton.tsx';
import { QrCode } from './QrCode.tsx';

interface Props {
  prepared: NewAuthenticator;
  /** Whether adding it ends the person's other sessions. */
  endsOthers: boolean;
  confirm: (code: string) => Promise<NewRecoveryCodes | FormFailure>;
  onConfirmed: (recoveryCodes: string[]) => void;
  onCancel: () => void;
}

export function AuthenticatorSetup({
  prepared: { secret, uri },
  endsOthers,
  confirm,
  onConfirmed,
  onCancel,
}: Props) {
  const { failure, isPending, mustWait, submit } = useSubmission();
  const heading = useRef<HTMLHeadingElement>(null);
  const code = useRef<HTMLInputElement>(null);
  const id = useId();

  useEffect(() => heading.current?.focus(), []);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get('code'));
    const result = await submit(async () => {
      const confirmed = await confirm(typed);
      if (!('recoveryCodes' in confirmed)) return confirmed;
      onConfirmed(confirmed.recoveryCodes);
      return null;
    });
    if (result === null || result.isUnanswered) return;
    code.current?.focus();
    code.current?.select();
  }

  return (
    <form className="form authenticator-setup" onSubmit={onSubmit} aria-labelledby={`${id}-title`}>
      <h4 id={`${id}-title`} ref={heading} tabIndex={-1}>
        Add an authenticator app
      </h4>
      <ol className="setup-steps">
        <li>
          <p>
            Open an authenticator app on your phone, such as Aegis, Google Authenticator or your password
            manager, and scan this code.
          </p>
          <QrCode text={uri} label="The key below, as a picture to scan" />
          <a className="button setup-open" href={uri}>
            Open an app on this phone
          </a>
          <details className="setup-key">
            <summary>Can’t scan it?</summary>
            <p>Enter this key in the app, and choose time-based codes with six digits.</p>
            <p className="setup-key-text">
              <code translate="no">{secret.replace(/.{4}(?=.)/g, '$& ')}</code>
            </p>
            <div className="factor-buttons">
              <CopyButton text={secret} what="the key" />
            </div>
          </details>
        </li>
        <li>
          <p>Enter the code that the app shows now.</p>
          <CodeField
            id={`${id}-code`}
            ref={code}
            acceptsRecoveryCode={false}
            error={failure?.code === 'wrong' ? failure.message : null}
          />
        </li>
      </ol>
      <FormError id={`${id}-error`} failure={failure?.code === undefined ? failure : null} />
      {endsOthers && <p className="factor-note">This ends all your other sessions and keeps this one.</p>}
      <div className="factor-buttons">
        <button type="submit" className="button button-primary" disabled={mustWait} aria-disabled={isPending}>
          Add the app
        </button>
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
