/** Says that an action failed, and offers to try again. */
import { ActionButton } from './ActionButton.tsx';
import type { ActionError } from './account-state.ts';
import '@samesite-sso/ui/alert.css';

export function ErrorNotice({ message, consequence, tryAgain }: ActionError) {
  return (
    <section className="alert">
      <div role="alert">
        <p className="alert-title">{message}</p>
        <p>{consequence}</p>
      </div>
      <ActionButton act={tryAgain} isFocusTarget>
        Try again
      </ActionButton>
    </section>
  );
}
