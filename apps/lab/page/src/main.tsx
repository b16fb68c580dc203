/** Renders the page. `index.html` contains the demo's origins. */
import { ErrorBoundary } from '@samesite-sso/ui';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { readSettings } from './settings.ts';
import { currentView } from './views.ts';
import '@samesite-sso/ui/colors.css';
import '@samesite-sso/ui/base.css';

document.title = `${currentView.name} · Lab`;
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element #root');
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <App settings={readSettings()} />
    </ErrorBoundary>
  </StrictMode>,
);
