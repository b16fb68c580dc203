/** After an invitation: says that the password is set, and that a passkey comes next. */
import { useEffect, useRef } from 'react';
import '@samesite-sso/ui/notice.css';

export function PasskeyAdvice({ onDismiss }: { onDismiss: () => void }) {
  const notice = useRef<HTMLDivElement>(null);

  // The form that had the focus is gone.
  useEffect(() => notice.current?.focus(), []);

  return (
    <div className="notice" ref={notice} tabIndex={-1}>
      <p>
        Your password is set, and you are signed in. <b>Next, add a passkey</b> under “How you sign in”: it is
        easier to use than the password, and no fake site can trick you out of it.
      </p>
      <button type="button" className="button" onClick={onDismiss}>
        Not now
      </button>
    </div>
  );
}
