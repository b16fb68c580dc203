/** Asks the visitor to open the other site, because only a visit there can set its cookies. */
import { paths } from '../../../exchange/paths.ts';

export function CookieSetup({ origin }: { origin: string }) {
  const { host } = new URL(origin);
  return (
    <aside className="cookie-setup box" aria-labelledby="cookie-setup-title">
      <p>
        <b id="cookie-setup-title">Visit the other site once.</b> Browsers accept SameSite=Strict and Lax
        cookies from another site only when you visit it, so this page can’t set them for you. Without them,
        the browser has nothing to withhold.
      </p>
      <a className="button" href={origin + paths.cookies} target="_blank" rel="noopener noreferrer">
        Set cookies at {host} (opens a tab)
      </a>
    </aside>
  );
}
