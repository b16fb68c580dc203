/** Makes a Fastify app a relying app of Same-site SSO. `plugin.ts` is the way in. */
export type { AppSession } from './app-sessions.ts';
export { type RelyingApp, type RelyingAppOptions, relyingApp } from './plugin.ts';
