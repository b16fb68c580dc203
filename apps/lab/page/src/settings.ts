/** The origins of the demo, as the lab's server wrote them into `index.html` when it started. */

export interface Settings {
  /** The experiments' target on another origin of this site. */
  sameSiteOrigin: string;
  /** The experiments' target on another site. */
  crossSiteOrigin: string;
  fooOrigin: string;
  loremOrigin: string;
  ssoOrigin: string;
}

/** @throws {Error} if the server didn't replace the placeholder */
export function readSettings(): Settings {
  const content = document.querySelector<HTMLMetaElement>('meta[name="lab"]')?.content ?? '%LAB%';
  if (content === '%LAB%') throw new Error('The server didn’t fill in <meta name="lab"> of index.html.');
  return JSON.parse(content) as Settings;
}
