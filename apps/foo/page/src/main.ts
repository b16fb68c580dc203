/**
 * Starts the flow, and then loads the page that shows it, so that step 1 doesn't wait for React. All apps
 * share one build, and `index.html` says which app it is.
 */
import { startSso } from '@samesite-sso/react/start';
import { readSettings } from './settings.ts';

const settings = readSettings();
document.title = settings.name;
const sso = startSso({ ssoOrigin: settings.ssoOrigin, mode: settings.signIn });

void import('./render.tsx').then(({ render }) => render(settings, sso));
