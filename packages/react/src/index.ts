'use client';

/**
 * Same-site SSO for the React page of any app. `SsoProvider.tsx` runs the flow; `sign-in-state.ts` says what
 * its outcomes mean for the person, `walk.ts` what became of the five steps. Nothing here draws.
 * `createSso` is for code outside React, so that a React app installs this package alone.
 */
export {
  createSso,
  type Outcome,
  type Sso,
  type SsoOptions,
  type Step,
  type StepReport,
} from '@samesite-sso/browser';
export { type SsoContext, SsoProvider, useSso } from './SsoProvider.tsx';
export type { Account, SignInState, Standing, Trouble } from './sign-in-state.ts';
export { WALK_ORDER, type Walk } from './walk.ts';
