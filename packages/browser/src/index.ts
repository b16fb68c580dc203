/**
 * Same-site SSO for the page of any app: framework-free, nothing but `fetch`.
 * `sign-in.ts` is the narrative and `sign-out.ts` the way out; `ask.ts` sends one request; `flows.ts` runs
 * one flow at a time; `tabs.ts` keeps an open page up to date; `outcome.ts` lists how a flow can end;
 * `cookies.ts` detects whether the browser keeps cookies.
 */
export { areCookiesBlocked } from './cookies.ts';
export type { SsoOptions } from './options.ts';
export type { Outcome, Step, StepReport } from './outcome.ts';
export { createSso, type Sso } from './sign-in.ts';
