/** The heading above the forms, with buttons to share or reset the visitor's changes. */
import { CopyButton } from '../CopyButton.tsx';

interface Props {
  titleId: string;
  isEdited: boolean;
  /** Whether the document's address contains the form's values. */
  isLinkable: boolean;
  /** Null if there is no experiment to return to. */
  reset: (() => void) | null;
}

export function FormHeader({ titleId, isEdited, isLinkable, reset }: Props) {
  return (
    <div className="form-header">
      <div>
        <h3 id={titleId}>The request and the policy</h3>
        <p>{describe(isEdited, isLinkable)}</p>
      </div>
      <div className="form-header-buttons">
        {isLinkable && <CopyButton label="Copy link" text={() => location.href} />}
        {isEdited && reset && (
          <button type="button" className="button button-small" onClick={reset}>
            Reset
          </button>
        )}
      </div>
    </div>
  );
}

function describe(isEdited: boolean, isLinkable: boolean): string {
  if (!isEdited) return 'Change anything, then run the experiment again.';
  return isLinkable
    ? 'Edited. The page’s address contains your changes, so you can share it.'
    : 'Edited, but invalid or too long to share as a link.';
}
