/**
 * Same-site SSO for the page of any app: framework-free, nothing but `fetch`.
 * `sign-in.ts` is the narrative; `ask.ts` sends one request; `tabs.ts` keeps tabs in step; `outcome.ts` says how it
 * can end.
 */
export type { Outcome, Step, StepReport } from './outcome.ts';
export { createSso, type Sso, type SsoOptions } from './sign-in.ts';
