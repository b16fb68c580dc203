/**
 * Remembers, for all pages of this origin, a sign-out that isn't known to be finished: the page was closed,
 * or a server was down. Where the browser refuses storage, nothing is remembered.
 */
const KEY = 'samesite-sso:sign-out';

/**
 * `sent`: the requests went out, and at least one of them may have arrived, which is enough.
 * `failed`: neither server knows of the sign-out.
 */
type UnfinishedSignOut = 'sent' | 'failed';

export function rememberSignOut(state: UnfinishedSignOut): void {
  attempt(() => localStorage.setItem(KEY, state));
}

export function forgetSignOut(): void {
  attempt(() => localStorage.removeItem(KEY));
}

export function rememberedSignOut(): UnfinishedSignOut | null {
  const state = attempt(() => localStorage.getItem(KEY));
  return state === 'sent' || state === 'failed' ? state : null;
}

function attempt<Result>(access: () => Result): Result | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
