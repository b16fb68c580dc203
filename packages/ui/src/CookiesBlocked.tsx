/** Replaces the form where the browser blocks cookies: no password could sign anybody in. */
import './trouble.css';

export const COOKIES_BLOCKED = 'This browser blocks cookies for this site.';
export const HOW_TO_ALLOW_COOKIES =
  'Signing in needs them. Allow cookies for this site, in the settings of the browser or beside its ' +
  'address bar, and reload the page.';

interface Props {
  /** The origins that set a cookie, as a browser's settings list them. */
  origins: readonly string[];
}

export function CookiesBlocked({ origins }: Props) {
  return (
    <section className="trouble">
      <div role="alert">
        <p className="trouble-words">{COOKIES_BLOCKED}</p>
        <p>{HOW_TO_ALLOW_COOKIES}</p>
      </div>
      <ul className="trouble-origins" aria-label="Sites that need a cookie">
        {origins.map((origin) => (
          <li className="trouble-origin" translate="no" key={origin}>
            {origin}
          </li>
        ))}
      </ul>
      <button type="button" className="button" data-landing onClick={() => location.reload()}>
        Reload
      </button>
    </section>
  );
}
