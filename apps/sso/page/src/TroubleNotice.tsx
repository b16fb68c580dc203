/** Says that something the person asked for came to nothing, and offers to try again. */

import { ActionButton } from './ActionButton.tsx';
import type { Trouble } from './account-state.ts';
import '@samesite-sso/ui/trouble.css';

export function TroubleNotice({ words, whatHolds, tryAgain }: Trouble) {
  return (
    <section className="trouble">
      <div role="alert">
        <p className="trouble-words">{words}</p>
        <p>{whatHolds}</p>
      </div>
      <ActionButton act={tryAgain} isLanding>
        Try again
      </ActionButton>
    </section>
  );
}
