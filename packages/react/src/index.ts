'use client';

/**
 * Same-site SSO for the React page of any app. `SsoProvider.tsx` runs the flow, `sso-state.ts` derives who is
 * signed in from its outcomes, and `step-reports.ts` keeps the reports of the five steps. Nothing here draws.
 * `createSso` is for code outside React, so that a React app installs only this package.
 */
export {
  createSso,
  type Outcome,
  type Sso,
  type SsoOptions,
  type Step,
  type StepReport,
} from '@samesite-sso/browser';
export { SsoProvider, type UseSsoResult, useSso } from './SsoProvider.tsx';
export type { Account, SsoFailure, SsoState } from './sso-state.ts';
export { STEP_ORDER, type StepReports } from './step-reports.ts';
