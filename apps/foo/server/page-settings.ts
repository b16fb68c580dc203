/** Hands the app's settings to the page, since one build serves every app. */
import type { Config } from './config.ts';

/** Fills the placeholder of `index.html`, in an attribute: the page's policy forbids inline scripts. */
export function fillSettings(html: string, { name, ssoOrigin, signIn, otherApp }: Config): string {
  const settings = JSON.stringify({ name, ssoOrigin, signIn, ...(otherApp && { otherApp }) });
  const escaped = settings.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return html.replace('%APP%', () => escaped);
}
