/**
 * Remembers, for all pages of this origin, that the person has signed out and the app's server may not know
 * it: the page was closed, or the server was down. A browser may refuse storage; then nothing is remembered.
 */
const KEY = 'samesite-sso:sign-out';

export function rememberSignOut(): void {
  attempt(() => localStorage.setItem(KEY, 'wanted'));
}

export function forgetSignOut(): void {
  attempt(() => localStorage.removeItem(KEY));
}

export function isSignOutRemembered(): boolean {
  return attempt(() => localStorage.getItem(KEY) !== null) ?? false;
}

function attempt<Result>(access: () => Result): Result | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
