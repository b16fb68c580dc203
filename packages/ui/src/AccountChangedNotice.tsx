/** Says that this page now shows another person's account, until it is dismissed. */
import './notice.css';

interface Person {
  displayName: string;
}

interface Props {
  shown: Person;
  /** The person that the page showed before; null if there is none, or after `onDismiss`. */
  previous: Person | null;
  onDismiss: () => void;
}

export function AccountChangedNotice({ shown, previous, onDismiss }: Props) {
  // Screen readers announce a live region only if it exists before its text.
  return (
    <div className="notice-region" role="status">
      {previous && (
        <div className="notice">
          <p>
            <b translate="no">{shown.displayName}</b> has signed in on this browser. Before that, this page
            showed <b translate="no">{previous.displayName}</b>.
          </p>
          <button type="button" className="button" onClick={onDismiss}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}
