/** Starts the page. All apps share one build, and `index.html` says which app it is. */
import { SsoProvider } from '@samesite-sso/react';
import { ErrorBoundary } from '@samesite-sso/ui';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { readSettings } from './settings.ts';
import '@samesite-sso/ui/colors.css';
import '@samesite-sso/ui/base.css';

const settings = readSettings();
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element #root');

document.title = settings.name;
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <SsoProvider ssoOrigin={settings.ssoOrigin} mode={settings.signIn}>
        <App settings={settings} />
      </SsoProvider>
    </ErrorBoundary>
  </StrictMode>,
);
