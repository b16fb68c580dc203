/**
 * Starts the flow before React has loaded: `@samesite-sso/react/start`. The module is small, because it
 * imports nothing from React.
 */
import { createSsoStore, type SsoStore, type StoreOptions } from './sso-store.ts';

/** A flow for `<SsoProvider sso>`. Opaque: its members may change in any version. */
export type StartedSso = Pick<SsoStore, 'subscribe' | 'getSnapshot' | 'getServerSnapshot'>;

/**
 * Signs in silently, and watches the tab for as long as the document lives. Call it once, in a browser.
 *
 * @throws {TypeError} if an option is unknown or invalid
 */
export function startSso(options: StoreOptions): StartedSso {
  const store = createSsoStore(options);
  store.start();
  return store;
}
