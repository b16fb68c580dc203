'use client';

/**
 * Same-site SSO for the React page of any app. `sso-store.ts` runs the flow, and `sso-state.ts` derives from
 * its outcomes who is signed in. `createSso` is for code outside React, so that a React app installs only
 * this package.
 */
export {
  type Account,
  areCookiesBlocked,
  createSso,
  type Factor,
  type Outcome,
  type Refusal,
  readRefusal,
  type Sso,
  type SsoOptions,
  type Step,
  type StepReport,
  type StepUpProof,
} from '@samesite-sso/browser';
export { SsoProvider, useSso } from './SsoProvider.tsx';
export {
  type SsoFailure,
  type SsoState,
  STEP_ORDER,
  type StepReports,
} from './sso-state.ts';
export type { UseSsoResult } from './sso-store.ts';
export type { StartedSso } from './start.ts';
