/** The texts of the diagram. `packages/protocol` defines the steps. */
import type { Step } from '@samesite-sso/browser';

interface StepDescription {
  title: string;
  purpose: string;
  to: 'app' | 'SSO service';
  /** Shown until the real request replaces it. */
  request: { method: string; path: string; body?: string };
}

/** Step 5, once the person has used a passkey. */
export const PASSKEY_STEP: Pick<StepDescription, 'title' | 'purpose'> = {
  title: 'Sign in with a passkey',
  purpose: 'The passkey signs a challenge for this app’s page only. Its private key never reaches a server.',
};

export const FIVE_STEPS: Record<Step, StepDescription> = {
  1: {
    title: 'Ask the app',
    purpose: 'Is there already an app session?',
    to: 'app',
    request: { method: 'GET', path: '/session' },
  },
  2: {
    title: 'Ask the SSO service',
    purpose: 'Is there an SSO session, started at any app of this site?',
    to: 'SSO service',
    request: { method: 'POST', path: '/', body: '{"request":"login status"}' },
  },
  3: {
    title: 'Fetch an authentication token',
    purpose: 'A signed, single-use token for this app only, valid for seconds.',
    to: 'SSO service',
    request: { method: 'POST', path: '/', body: '{"request":"authentication token"}' },
  },
  4: {
    title: 'Give the token to the app',
    purpose: 'Its server verifies it with the SSO service, then starts an app session.',
    to: 'app',
    request: { method: 'POST', path: '/session', body: '{"token":"…"}' },
  },
  5: {
    title: 'Sign in with the password',
    purpose: 'It goes straight to the SSO service. The app’s server never sees it.',
    to: 'SSO service',
    request: { method: 'POST', path: '/', body: '{"request":"login","username":"…","password":"…"}' },
  },
};
