/**
 * Opens two documents that load the target's JSONP script, one on this site and one on another. This page
 * can't load the script itself: its Content-Security-Policy allows only the page's own scripts.
 */
import { useEffect } from 'react';
import { paths } from '../../../exchange/paths.ts';
import { setCookies } from '../cors/set-cookies.ts';
import type { Settings } from '../settings.ts';

export function JsonpDemo({ settings: { sameSiteOrigin, crossSiteOrigin } }: { settings: Settings }) {
  useEffect(() => {
    // The script reports these cookies. If the server is down, opening a document shows that.
    setCookies(sameSiteOrigin).catch(() => undefined);
  }, [sameSiteOrigin]);
  const readers = [
    { origin: location.origin, relation: 'this site' },
    { origin: crossSiteOrigin, relation: 'another site' },
  ];
  return (
    <>
      <p>Two documents load the same script. Nothing limits which sites can read its data:</p>
      <div className="demo-buttons">
        {readers.map(({ origin, relation }) => (
          <a
            key={origin}
            className="button"
            href={origin + paths.jsonpReader}
            target="_blank"
            rel="noopener noreferrer"
          >
            Read it from {relation}, {new URL(origin).host} (opens a tab)
          </a>
        ))}
      </div>
    </>
  );
}
