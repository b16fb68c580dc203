/**
 * Remembers, for all pages of this origin, a sign-out that may not have reached the servers: the page was
 * closed, or a server was down. Without storage nothing is remembered.
 */
const STORAGE_KEY = 'samesite-sso:sign-out';

/**
 * `sent`: the requests were sent, and at least one may have arrived, which is enough.
 * `failed`: no request has arrived.
 */
type UnfinishedSignOut = 'sent' | 'failed';

export function rememberSignOut(state: UnfinishedSignOut): void {
  withoutThrowing(() => localStorage.setItem(STORAGE_KEY, state));
}

export function forgetSignOut(): void {
  withoutThrowing(() => localStorage.removeItem(STORAGE_KEY));
}

export function rememberedSignOut(): UnfinishedSignOut | null {
  const state = withoutThrowing(() => localStorage.getItem(STORAGE_KEY));
  return state === 'sent' || state === 'failed' ? state : null;
}

function withoutThrowing<Result>(access: () => Result): Result | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
