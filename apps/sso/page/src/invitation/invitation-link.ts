/** Reads invitation links. The secret is in the fragment, which a browser sends to no server. */

const FRAGMENT = /^#invitation=(.+)$/;

/**
 * Longer than any secret, and short enough for a request of 4 KiB: an overlong text is just a wrong secret.
 */
const MAX_SECRET_LENGTH = 128;

/**
 * Takes the secret out of the address bar, where others could read it, and out of the history, where it would
 * stay. After a reload the link has to be opened again.
 *
 * @returns null if the address has no invitation secret
 */
export function takeInvitationSecret(): string | null {
  const [, secret] = FRAGMENT.exec(location.hash) ?? [];
  if (secret === undefined) return null;
  history.replaceState(history.state, '', location.pathname + location.search);
  return secret.slice(0, MAX_SECRET_LENGTH);
}
