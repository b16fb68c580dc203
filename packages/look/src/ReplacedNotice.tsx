/** Says that this page has turned from one person's into another's, until somebody has read it. */
import { useState } from 'react';
import './notice.css';

interface Person {
  id: string;
  displayName: string;
}

interface Props {
  shown: Person;
  /** Whom the page showed before; null if nobody else. */
  replaced: Person | null;
}

export function ReplacedNotice({ shown, replaced }: Props) {
  const [read, setRead] = useState<Person | null>(null);

  // A live region has to be there before it speaks.
  return (
    <div className="notice-region" role="status">
      {replaced && replaced !== read && (
        <div className="notice">
          <p>
            <b translate="no">{shown.displayName}</b> has signed in on this browser. Until then this page
            showed <b translate="no">{replaced.displayName}</b>.
          </p>
          <button type="button" className="button" onClick={() => setRead(replaced)}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}
