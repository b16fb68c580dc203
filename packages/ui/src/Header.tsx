/** The name of the page, its host, and what it is for. */
import type { ReactNode } from 'react';
import './Header.css';

interface Props {
  name: string;
  /** `no` for a proper name. */
  translate?: 'yes' | 'no';
  /** Shown before the name. Default: its first letter. */
  icon?: ReactNode;
  children: ReactNode;
}

export function Header({ name, translate = 'yes', icon, children }: Props) {
  return (
    <header className="header">
      <div className="header-name">
        <span className="header-icon" translate="no" aria-hidden="true">
          {icon ?? name.slice(0, 1)}
        </span>
        <h1 translate={translate}>{name}</h1>
        <span className="header-origin" translate="no">
          {location.host}
        </span>
      </div>
      <p className="header-intro">{children}</p>
    </header>
  );
}
