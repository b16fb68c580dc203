/** Whose page this is, on which host and, for somebody who sees it for the first time, what it is for. */
import type { ReactNode } from 'react';
import './Masthead.css';

interface Props {
  name: string;
  /** Stands before the name, instead of its first letter. */
  mark?: ReactNode;
  children: ReactNode;
}

export function Masthead({ name, mark, children }: Props) {
  return (
    <header className="masthead">
      <div className="masthead-name">
        <span className="monogram" aria-hidden="true">
          {mark ?? name.slice(0, 1)}
        </span>
        <h1>{name}</h1>
        <span className="masthead-origin">{location.host}</span>
      </div>
      <p className="lede">{children}</p>
    </header>
  );
}
