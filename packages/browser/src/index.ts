/**
 * Same-site SSO for the page of any app: framework-free, nothing but `fetch`.
 * `sign-in.ts` is the narrative; `ask.ts` sends one request; `flows.ts` runs one flow at a time; `tabs.ts`
 * keeps an open page up to date; `outcome.ts` lists how a flow can
 * end; `cookies.ts` detects whether the browser keeps cookies.
 */
import { checkOptionNames, type SsoOptions } from './options.ts';
import { createSso as createFlow, type Sso } from './sign-in.ts';

export { areCookiesBlocked } from './cookies.ts';
export type { Outcome, Step, StepReport } from './outcome.ts';
export type { Sso, SsoOptions };

/**
 * The flow for one page. Its functions never reject: whatever happens is an `Outcome`.
 *
 * @throws {TypeError} if an option is unknown or can't be right
 */
export function createSso(options: SsoOptions): Sso {
  checkOptionNames(options);
  return createFlow(options);
}
