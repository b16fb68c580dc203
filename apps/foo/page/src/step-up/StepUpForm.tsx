/**
 * Asks a person who is signed in for a passkey, or for their password and a code. A password alone is never
 * sent: it isn't enough, and would replace a sign-in with two factors. The page stays where it is, and what
 * the person types is kept only in its fields, never in React state.
 */
import { type Account, type Factor, type StepUpProof, useSso } from '@samesite-sso/react';
import {
  FormError,
  PasskeyButton,
  PasswordAndCode,
  supportsPasskeys,
  usePasswordAndCode,
} from '@samesite-sso/ui';
import { useEffect, useId, useRef } from 'react';
import { stepUpFailure } from '../messages.ts';

interface Props {
  account: Account;
  note: string;
  /** What the account can step up with, or may be able to, if the page doesn't know. At least one. */
  methods: readonly Factor[];
  /** Called once the account has signed in again. */
  onDone?: () => void;
}

export function StepUpForm({ account, note, methods, onDone }: Props) {
  const { stepUp } = useSso();
  const fields = usePasswordAndCode(true);
  const { failure, isPending, mustWait, submit, submitForm, password } = fields;
  const passkeyButton = useRef<HTMLButtonElement>(null);
  const id = useId();
  const [hasCode, hasPasskey] = [methods.includes('code'), methods.includes('passkey')];

  // The form replaces what had the focus, or is what the page opens with.
  useEffect(() => (password.current ?? passkeyButton.current)?.focus(), [password]);

  const send = async (proof: StepUpProof) => {
    const outcome = await stepUp(proof);
    if (outcome.status === 'signed-in' && outcome.account.id === account.id) onDone?.();
    return stepUpFailure(outcome);
  };

  return (
    <form className="form" onSubmit={(event) => submitForm(event, send)} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Confirm that it’s you</h2>
      <p className="form-note" id={`${id}-note`}>
        {note}
      </p>
      {hasCode && (
        <>
          <PasswordAndCode id={id} state={fields} username={account.username} describedBy={`${id}-note`} />
          <button
            type="submit"
            className="button button-primary"
            disabled={mustWait}
            aria-disabled={isPending}
          >
            Confirm
          </button>
        </>
      )}
      {hasPasskey && (
        <PasskeyButton
          ref={passkeyButton}
          isAlone={!hasCode}
          describedBy={`${id}-note`}
          isPending={isPending}
          signIn={() => void submit(() => send({ passkey: true }), { isOther: true })}
        />
      )}
      {!hasCode && <FormError id={`${id}-error`} failure={failure} />}
      {!hasCode && !supportsPasskeys() && (
        <p>This browser can’t use passkeys here. Use another browser, or a newer version of this one.</p>
      )}
    </form>
  );
}
