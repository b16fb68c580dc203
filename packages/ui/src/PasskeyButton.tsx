/** Signs in with a passkey, below a form for the password or instead of one, if the browser has passkeys. */
import type { Ref } from 'react';

interface Props {
  isPending: boolean;
  signIn: () => void;
  /** Whether there is no form above it. */
  isAlone?: boolean;
  /** The id of an element that says what it is for. */
  describedBy?: string;
  ref?: Ref<HTMLButtonElement>;
}

export function PasskeyButton({ isPending, signIn, isAlone = false, describedBy, ref }: Props) {
  if (!supportsPasskeys()) return null;
  return (
    <>
      {!isAlone && <p className="form-or">or</p>}
      <button
        type="button"
        ref={ref}
        className={isAlone ? 'button button-primary' : 'button'}
        aria-describedby={describedBy}
        aria-disabled={isPending}
        onClick={signIn}
      >
        Sign in with a passkey
      </button>
    </>
  );
}

/** Browsers before March 2025 lack this function, and insecure contexts have no `PublicKeyCredential`. */
export function supportsPasskeys(): boolean {
  return typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function';
}
