/** What the diagram says of each step before, while and after it is taken. The steps themselves are the contract's. */
import type { Step } from '@samesite-sso/browser';

export interface StepWords {
  title: string;
  purpose: string;
  to: 'app' | 'SSO service';
  /** What is sent whenever the step is taken; the real request replaces it. */
  request: { method: 'GET' | 'POST'; path: string; body?: string };
}

export const FIVE_STEPS: Record<Step, StepWords> = {
  1: {
    title: 'Ask the app',
    purpose: 'Is there an app session already?',
    to: 'app',
    request: { method: 'GET', path: '/session' },
  },
  2: {
    title: 'Ask the SSO service',
    purpose: 'Is there an SSO session, started in any app of this site?',
    to: 'SSO service',
    request: { method: 'POST', path: '/', body: '{"request":"login status"}' },
  },
  3: {
    title: 'Fetch an authentication token',
    purpose: 'A signed proof, made for this one app: good once, for seconds.',
    to: 'SSO service',
    request: { method: 'POST', path: '/', body: '{"request":"authentication token"}' },
  },
  4: {
    title: 'Hand the token to the app',
    purpose: 'Its server has the SSO service confirm it, then starts an app session.',
    to: 'app',
    request: { method: 'POST', path: '/session', body: '{"token":"…"}' },
  },
  5: {
    title: 'Log in with the password',
    purpose: 'Straight to the SSO service; the app’s server never sees it.',
    to: 'SSO service',
    request: { method: 'POST', path: '/', body: '{"request":"login","username":"…","password":"…"}' },
  },
};
