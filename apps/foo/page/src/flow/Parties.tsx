/** The heads of the three lifelines, with their origins and what separates them. */
import { Fragment } from 'react';
import './Parties.css';

export function Parties({ app, sso }: { app: string; sso: string }) {
  return (
    <div className="parties">
      <p className="party">
        <b>App</b> <span translate="no">{breakable(app)}</span>
      </p>
      <p className="party">
        <b>Page</b> <span>this tab</span>
      </p>
      <p className="party">
        <b>SSO service</b> <span translate="no">{breakable(sso)}</span>
      </p>
      <p className="between">same origin</p>
      <p className="between">cross-origin, same site</p>
    </div>
  );
}

/** Offers line breaks before dots and the port. */
function breakable(origin: string) {
  return origin.split(/(?=\.|:\d)/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text keep their order
    <Fragment key={index}>
      <wbr />
      {part}
    </Fragment>
  ));
}
