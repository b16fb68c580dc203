/** Asks for the name of a new passkey, and then has the browser create it. */
import { FormError, type FormFailure, useSubmission } from '@samesite-sso/ui';
import { type SubmitEvent, useEffect, useId, useRef } from 'react';

interface Props {
  defaultName: string;
  /** Whether adding it ends the person's other sessions. */
  endsOthers: boolean;
  /** @returns why it wasn't added; null if it was */
  add: (name: string) => Promise<FormFailure | null>;
  onAdded: (name: string) => void;
  onCancel: () => void;
}

/** Equal to `MAX_PASSKEY_NAME_LENGTH` of the service, whose schemas the page doesn't load. */
const MAX_NAME_LENGTH = 64;

export function PasskeyForm({ defaultName, endsOthers, add, onAdded, onCancel }: Props) {
  const { failure, isPending, mustWait, submit } = useSubmission();
  const name = useRef<HTMLInputElement>(null);
  const id = useId();

  useEffect(() => {
    name.current?.focus();
    name.current?.select();
  }, []);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get('name')).trim();
    await submit(async () => {
      const result = await add(typed);
      if (result === null) onAdded(typed);
      return result;
    });
  }

  return (
    <form className="form passkey-form" onSubmit={onSubmit} aria-labelledby={`${id}-title`}>
      <h4 id={`${id}-title`}>Add a passkey</h4>
      <div className="field">
        <label htmlFor={`${id}-name`}>Name</label>
        <input
          ref={name}
          id={`${id}-name`}
          name="name"
          autoComplete="off"
          defaultValue={defaultName}
          maxLength={MAX_NAME_LENGTH}
          pattern=".*\S.*"
          required
          aria-describedby={`${id}-hint ${id}-error`}
        />
        <p className="field-hint" id={`${id}-hint`}>
          Choose a name that you will recognize here. Your browser then asks where to keep the passkey.
        </p>
      </div>
      <FormError id={`${id}-error`} failure={failure} />
      {endsOthers && <p className="factor-note">This ends all your other sessions and keeps this one.</p>}
      <div className="factor-buttons">
        <button type="submit" className="button button-primary" disabled={mustWait} aria-disabled={isPending}>
          Create the passkey
        </button>
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
