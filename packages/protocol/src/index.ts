/**
 * The protocol between page, app and SSO service: schemas, types and problem codes. Read `page-requests.ts`
 * first, which has the five steps. `packages/browser`, `packages/relying-app` and `apps/sso` implement it.
 */
export * from './page-requests.ts';
export * from './problems.ts';
export * from './schema-parts.ts';
export * from './server-requests.ts';
export * from './wire-constants.ts';
