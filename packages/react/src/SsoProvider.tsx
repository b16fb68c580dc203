/** Gives a store's result to the components below. It renders nothing of its own. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import { createSsoStore, type StoreOptions, type UseSsoResult } from './sso-store.ts';
import type { StartedSso } from './start.ts';

/** The options of a flow that starts when the provider mounts, or a flow that has started already. */
type Props = ((StoreOptions & { sso?: undefined }) | { sso: StartedSso }) & { children: ReactNode };

const Context = createContext<UseSsoResult | null>(null);

/**
 * Gives the components below it {@link useSso}.
 *
 * @throws {TypeError} at render if an option is invalid, as `createSso` does
 */
export function SsoProvider(props: Props) {
  return props.sso === undefined ? <SsoProviderWithOptions {...props} /> : <StartedSsoProvider {...props} />;
}

function SsoProviderWithOptions({
  ssoOrigin,
  basePath = '',
  mode = 'automatic',
  children,
}: StoreOptions & { children: ReactNode }) {
  const store = useMemo(() => createSsoStore({ ssoOrigin, basePath, mode }), [ssoOrigin, basePath, mode]);
  useEffect(() => store.start(), [store]);
  return <StartedSsoProvider sso={store}>{children}</StartedSsoProvider>;
}

function StartedSsoProvider({ sso, children }: { sso: StartedSso; children: ReactNode }) {
  const result = useSyncExternalStore(sso.subscribe, sso.getSnapshot, sso.getServerSnapshot);
  // React 18 has neither `<Context>` as a provider nor `use`.
  return <Context.Provider value={result}>{children}</Context.Provider>;
}

/**
 * Who is signed in on this page, and the functions to change that.
 *
 * @throws {Error} outside an {@link SsoProvider}
 */
export function useSso(): UseSsoResult {
  const context = useContext(Context);
  if (context === null) throw new Error('useSso must be called below <SsoProvider>.');
  return context;
}
