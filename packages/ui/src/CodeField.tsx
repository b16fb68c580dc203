/** The field for a code of an authenticator app. It takes a recovery code, too, which has letters. */
import { type Ref, useState } from 'react';
import './form.css';

interface Props {
  id: string;
  ref: Ref<HTMLInputElement>;
  /** Null if the code is fine. */
  error: string | null;
  /** Whether the field takes a recovery code. The first code of an app can't be one. */
  acceptsRecoveryCode?: boolean;
}

const HINTS = {
  app: 'Six digits, from your authenticator app.',
  recovery: 'One of your current recovery codes. Each works once.',
};

export function CodeField({ id, ref, error, acceptsRecoveryCode = true }: Props) {
  const [kind, setKind] = useState<keyof typeof HINTS>('app');
  const isOfApp = kind === 'app';

  return (
    <div className="field">
      <label htmlFor={id}>Code</label>
      <input
        ref={ref}
        className="field-code"
        id={id}
        name="code"
        autoComplete={isOfApp ? 'one-time-code' : 'off'}
        // Phones show a keyboard with digits alone, which can't type a recovery code.
        inputMode={isOfApp ? 'numeric' : 'text'}
        autoCapitalize={isOfApp ? 'none' : 'characters'}
        autoCorrect="off"
        spellCheck={false}
        maxLength={64}
        required
        aria-describedby={`${id}-error ${id}-hint`}
        aria-invalid={Boolean(error)}
      />
      <p className="field-error" id={`${id}-error`} role="alert">
        {error}
      </p>
      <p className="field-hint" id={`${id}-hint`}>
        {HINTS[kind]}
      </p>
      {acceptsRecoveryCode && (
        <button
          type="button"
          className="text-button"
          onClick={() => {
            setKind(isOfApp ? 'recovery' : 'app');
            document.getElementById(id)?.focus();
          }}
        >
          {isOfApp ? 'Use a recovery code' : 'Use the authenticator app'}
        </button>
      )}
    </div>
  );
}
