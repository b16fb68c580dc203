/** Replaces the sign-in form if the browser blocks cookies, since nobody can sign in without them. */
import './alert.css';

export const COOKIES_BLOCKED = 'This browser blocks cookies for this site.';
export const HOW_TO_ALLOW_COOKIES =
  'You need them to sign in. Allow cookies for this site in your browser’s settings or next to its ' +
  'address bar, then reload the page.';

interface Props {
  /** The origins that set a cookie, in the form that browser settings use. */
  origins: readonly string[];
}

export function CookiesBlocked({ origins }: Props) {
  return (
    <section className="alert">
      <div role="alert">
        <p className="alert-title">{COOKIES_BLOCKED}</p>
        <p>{HOW_TO_ALLOW_COOKIES}</p>
      </div>
      <ul className="alert-origins" aria-label="Sites that need cookies">
        {origins.map((origin) => (
          <li className="alert-origin" translate="no" key={origin}>
            {origin}
          </li>
        ))}
      </ul>
      <button type="button" className="button" data-focus-target onClick={() => location.reload()}>
        Reload
      </button>
    </section>
  );
}
