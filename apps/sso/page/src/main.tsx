/** Starts the account page. */
import { ErrorBoundary } from '@samesite-sso/ui';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { takeInvitationSecret } from './invitation/invitation-link.ts';
import { Page } from './Page.tsx';
import '@samesite-sso/ui/colors.css';
import '@samesite-sso/ui/base.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element #root');

// Before other code can read the address.
const linkSecret = takeInvitationSecret();

createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <Page linkSecret={linkSecret} />
    </ErrorBoundary>
  </StrictMode>,
);
