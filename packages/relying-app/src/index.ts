/** Makes a Fastify app a relying app of Same-site SSO. Start reading at `plugin.ts`. */
export { ConfigError } from '@samesite-sso/core';
export type { SessionDemands } from './demands.ts';
export type { RelyingAppOptions } from './options.ts';
export { type RelyingApp, relyingApp } from './plugin.ts';
export * from './storage/app-store.ts';
