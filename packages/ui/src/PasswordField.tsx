/** The field of a password: can be shown while it is typed, says when Caps Lock is on, and is hidden once sent. */
import { type KeyboardEvent, type Ref, useEffect, useState } from 'react';
import './form.css';

interface Props {
  id: string;
  name: string;
  label: string;
  autoComplete: 'current-password' | 'new-password';
  ref: Ref<HTMLInputElement>;
  /** Ids of elements elsewhere that say more about it. */
  describedBy?: string;
  /** What it takes, said beforehand. */
  hint?: string;
  /** What is wrong with what was sent, null for nothing; left out where that is said elsewhere. */
  fault?: string | null;
  /** While true the password is hidden, whatever the person chose before. */
  concealed: boolean;
}

export function PasswordField(props: Props) {
  const { id, name, label, autoComplete, ref, describedBy = '', hint, fault, concealed } = props;
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'));

  useEffect(() => {
    if (concealed) setShown(false);
  }, [concealed]);

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-with-button">
        <input
          ref={ref}
          id={id}
          name={name}
          type={shown && !concealed ? 'text' : 'password'}
          autoComplete={autoComplete}
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={4096}
          required
          aria-describedby={`${describedBy} ${id}-fault ${id}-hint ${id}-caps-lock`}
          aria-invalid={Boolean(fault)}
          onKeyDown={watchCapsLock}
          onKeyUp={watchCapsLock}
          onBlur={() => setCapsLock(false)}
        />
        <button type="button" className="field-button" aria-controls={id} onClick={() => setShown(!shown)}>
          <span>{shown ? 'Hide' : 'Show'}</span>
          <span className="for-screen-readers"> what is typed</span>
        </button>
      </div>
      {fault !== undefined && (
        <p className="field-fault" id={`${id}-fault`} role="alert">
          {fault}
        </p>
      )}
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <p className="field-hint" id={`${id}-caps-lock`} role="status">
        {capsLock && 'Caps Lock is on.'}
      </p>
    </div>
  );
}
