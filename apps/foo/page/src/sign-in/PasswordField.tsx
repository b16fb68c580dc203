/** The password's field: can be shown while it is typed, says when Caps Lock is on, and is hidden once sent. */
import { type KeyboardEvent, type Ref, useEffect, useState } from 'react';

interface Props {
  id: string;
  ref: Ref<HTMLInputElement>;
  /** Id of the element that says what was wrong with it. */
  describedBy: string;
  /** While true the password is hidden, whatever the person chose before. */
  concealed: boolean;
}

export function PasswordField({ id, ref, describedBy, concealed }: Props) {
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'));

  useEffect(() => {
    if (concealed) setShown(false);
  }, [concealed]);

  return (
    <div className="field">
      <label htmlFor={id}>Password</label>
      <div className="field-with-button">
        <input
          ref={ref}
          id={id}
          name="password"
          type={shown && !concealed ? 'text' : 'password'}
          autoComplete="current-password"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          required
          aria-describedby={`${describedBy} ${id}-caps-lock`}
          onKeyDown={watchCapsLock}
          onKeyUp={watchCapsLock}
          onBlur={() => setCapsLock(false)}
        />
        <button type="button" className="field-button" aria-controls={id} onClick={() => setShown(!shown)}>
          {shown ? 'Hide' : 'Show'}
          <span className="for-screen-readers"> what is typed</span>
        </button>
      </div>
      <p className="field-hint" id={`${id}-caps-lock`} role="status">
        {capsLock && 'Caps Lock is on.'}
      </p>
    </div>
  );
}
