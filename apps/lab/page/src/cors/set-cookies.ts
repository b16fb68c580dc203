/** Lets a target set its cookies, so that requests have some to carry. */
import { paths } from '../../../exchange/paths.ts';

/** The lab's server is down or sends an unexpected response, so a run shows nothing about CORS. */
export class LabUnavailableError extends Error {
  override name = 'LabUnavailableError';
}

const originsWithCookies = new Set<string>();

/**
 * Sets the cookies of an origin within the page's site, once per document. Another site's cookies need a
 * visit there: see `CookieSetup.tsx`.
 *
 * @throws {LabUnavailableError}
 */
export async function setCookies(origin: string): Promise<void> {
  if (originsWithCookies.has(origin)) return;
  try {
    await fetch(origin + paths.cookies, { mode: 'no-cors', credentials: 'include' });
  } catch {
    throw new LabUnavailableError(`${origin} isn’t responding.`);
  }
  originsWithCookies.add(origin);
}
