/**
 * Same-site SSO for the page of any app, over nothing but `fetch`. Read `sign-in.ts` first: it has the five
 * steps, and its comment names the other modules.
 */
export type { Account, Factor } from '@samesite-sso/protocol';
export { areCookiesBlocked } from './cookies.ts';
export type { SsoOptions } from './options.ts';
export type { Outcome, Step, StepReport } from './outcome.ts';
export { type Refusal, readRefusal } from './refusal.ts';
export { createSso } from './sign-in.ts';
export type { Sso, StepUpProof } from './sso.ts';
