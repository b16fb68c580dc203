/** Predicts which of the target's cookies a request carries. */
import type { ExperimentRequest } from './experiment-request.ts';
import type { CookieKind, CookieTravel } from './verdict.ts';

type Cookies = Readonly<Record<CookieKind, CookieTravel>>;

export const noCookies: Cookies = { strict: 'withheld', lax: 'withheld', none: 'withheld' };

/**
 * Returns whether each cookie is sent. The credentials mode decides whether any is; `SameSite` decides which
 * are, and treats all origins of a site alike. The request's mode and the policy don't matter.
 */
export function findCookies({
  target,
  credentials,
}: Pick<ExperimentRequest, 'target' | 'credentials'>): Cookies {
  if (credentials === 'omit') return noCookies;
  if (credentials === 'same-origin' && target !== 'same-origin') return noCookies;
  // Many browsers block or partition another site's cookies, even those with SameSite=None.
  if (target === 'cross-site') return { strict: 'withheld', lax: 'withheld', none: 'varies' };
  return { strict: 'sent', lax: 'sent', none: 'sent' };
}
