/** Says that this page has turned from one person's into another's, until it is read. */
import './notice.css';

interface Person {
  displayName: string;
}

interface Props {
  shown: Person;
  /** Whom the page showed before; null if nobody else, or once it is read. */
  replaced: Person | null;
  onRead: () => void;
}

export function ReplacedNotice({ shown, replaced, onRead }: Props) {
  // A live region has to be there before it speaks.
  return (
    <div className="notice-region" role="status">
      {replaced && (
        <div className="notice">
          <p>
            <b translate="no">{shown.displayName}</b> has signed in on this browser. Until then this page
            showed <b translate="no">{replaced.displayName}</b>.
          </p>
          <button type="button" className="button" onClick={onRead}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}
