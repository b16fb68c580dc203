/** Ends the session at every app. */
import { useSso } from '@samesite-sso/react';

export function SignOutButton() {
  const { isPending, signOut } = useSso();
  return (
    <button
      type="button"
      className="button"
      aria-disabled={isPending}
      onClick={() => isPending || void signOut()}
    >
      Sign out
    </button>
  );
}
