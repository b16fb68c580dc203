/** Renders the page of a flow that has started. `main.ts` loads this module, React and the styles last. */
import { SsoProvider, type StartedSso } from '@samesite-sso/react';
import { ErrorBoundary } from '@samesite-sso/ui';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import type { Settings } from './settings.ts';
import '@samesite-sso/ui/colors.css';
import '@samesite-sso/ui/base.css';

export function render(settings: Settings, sso: StartedSso): void {
  const root = document.getElementById('root');
  if (root === null) throw new Error('index.html has no element #root');
  createRoot(root).render(
    <StrictMode>
      <ErrorBoundary>
        <SsoProvider sso={sso}>
          <App settings={settings} />
        </SsoProvider>
      </ErrorBoundary>
    </StrictMode>,
  );
}
