/** What the page must know of the app it is served by: one build serves every app. */
import type { Config } from './config.ts';

/** Fills the one placeholder of `index.html`, as data: an inline script would break the page's policy. */
export function fillSettings(html: string, { name, ssoOrigin, signIn, otherApp }: Config): string {
  const settings = JSON.stringify({ name, ssoOrigin, signIn, ...(otherApp && { otherApp }) });
  const escaped = settings.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return html.replace('%APP%', () => escaped);
}
