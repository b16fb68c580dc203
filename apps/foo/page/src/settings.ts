/** Which app this page belongs to: what the app's server wrote into `index.html` when it started. */

export interface Settings {
  /** What people call the app. */
  name: string;
  ssoOrigin: string;
  /** Whether people are signed in by themselves, or asked first. */
  signIn: 'automatic' | 'confirm';
  /** Another app of the site, to show that one sign-in counts there too. */
  otherApp?: { name: string; origin: string };
}

/** @throws {Error} when the server left the placeholder as it was */
export function readSettings(page: Pick<Document, 'querySelector'>): Settings {
  const written = page.querySelector<HTMLMetaElement>('meta[name="app"]')?.content ?? '%APP%';
  if (written === '%APP%') throw new Error('The server has not said which app this page belongs to.');
  return JSON.parse(written) as Settings;
}
