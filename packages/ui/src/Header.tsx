/** Whose page this is, on which host and, for somebody who sees it for the first time, what it is for. */
import type { ReactNode } from 'react';
import './Header.css';

interface Props {
  name: string;
  /** `no` for a proper name, which reads the same in every language. */
  translate?: 'yes' | 'no';
  /** Stands before the name, instead of its first letter. */
  mark?: ReactNode;
  children: ReactNode;
}

export function Header({ name, translate = 'yes', mark, children }: Props) {
  return (
    <header className="masthead">
      <div className="masthead-name">
        <span className="monogram" translate="no" aria-hidden="true">
          {mark ?? name.slice(0, 1)}
        </span>
        <h1 translate={translate}>{name}</h1>
        <span className="masthead-origin" translate="no">
          {location.host}
        </span>
      </div>
      <p className="lede">{children}</p>
    </header>
  );
}
