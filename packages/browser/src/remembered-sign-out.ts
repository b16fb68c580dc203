/**
 * Remembers, for all pages of this origin, a sign-out that may not have reached the app's server: the page
 * was closed, or the server was down. Where the browser refuses storage, nothing is remembered.
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
