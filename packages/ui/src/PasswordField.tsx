/** A password field with a button to show what is typed, a Caps Lock warning and an error message. */
import { type KeyboardEvent, type Ref, useEffect, useState } from 'react';
import './form.css';

interface Props {
  id: string;
  name: string;
  label: string;
  autoComplete: 'current-password' | 'new-password';
  ref: Ref<HTMLInputElement>;
  /** Ids of further elements that describe the field. */
  describedBy?: string;
  /** What a valid password looks like. */
  hint?: string;
  /** Null if the password is fine. Undefined if the form shows errors elsewhere. */
  error?: string | null;
  /** Hides the password, even if the person chose to show it. */
  masked: boolean;
  onInput?: (() => void) | undefined;
}

export function PasswordField(props: Props) {
  const { id, name, label, autoComplete, ref, describedBy = '', hint, error, masked, onInput } = props;
  const [isShown, setShown] = useState(false);
  const [isCapsLockOn, setCapsLockOn] = useState(false);
  const watchCapsLock = (event: KeyboardEvent) => setCapsLockOn(event.getModifierState('CapsLock'));

  useEffect(() => {
    if (masked) setShown(false);
  }, [masked]);

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-with-button">
        <input
          ref={ref}
          id={id}
          name={name}
          type={isShown && !masked ? 'text' : 'password'}
          autoComplete={autoComplete}
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={4096}
          required
          aria-describedby={`${describedBy} ${id}-error ${id}-hint ${id}-caps-lock`}
          aria-invalid={Boolean(error)}
          onInput={onInput}
          onKeyDown={watchCapsLock}
          onKeyUp={watchCapsLock}
          onBlur={() => setCapsLockOn(false)}
        />
        <button type="button" className="field-button" aria-controls={id} onClick={() => setShown(!isShown)}>
          <span>{isShown ? 'Hide' : 'Show'}</span>
          <span className="for-screen-readers"> password</span>
        </button>
      </div>
      {error !== undefined && (
        <p className="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <p className="field-hint" id={`${id}-caps-lock`} role="status">
        {isCapsLockOn && 'Caps Lock is on.'}
      </p>
    </div>
  );
}
