/** The app that this page belongs to, as its server wrote it into `index.html` when it started. */

export interface Settings {
  /** The app's name on screen. */
  name: string;
  ssoOrigin: string;
  /** The mode of `createSso`. */
  signIn: 'automatic' | 'confirm';
  /** Another app of the site, to which the page links. */
  otherApp?: { name: string; origin: string };
  /** A link below the diagram. */
  link?: { name: string; origin: string };
}

/** @throws {Error} if the server didn't replace the placeholder */
export function readSettings(): Settings {
  const content = document.querySelector<HTMLMetaElement>('meta[name="app"]')?.content ?? '%APP%';
  if (content === '%APP%') throw new Error('The server didn’t fill in <meta name="app"> of index.html.');
  return JSON.parse(content) as Settings;
}
