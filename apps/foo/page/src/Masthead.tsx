/** Whose page this is and, for somebody who sees it for the first time, what is going on. */
import './Masthead.css';

export function Masthead({ name }: { name: string }) {
  return (
    <header className="masthead">
      <div className="masthead-name">
        <span className="monogram" aria-hidden="true">
          {name.slice(0, 1)}
        </span>
        <h1>{name}</h1>
        <span className="masthead-origin">{location.host}</span>
      </div>
      <p className="lede">
        Sign in once and every app of this site knows you, without the page ever leaving its app: in five
        steps, which you can watch here as they happen.
      </p>
    </header>
  );
}
