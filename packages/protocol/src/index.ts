/**
 * The contract between page, app and SSO service: schemas, types and problem codes. Read `steps.ts` first,
 * which has the five steps. `packages/browser`, `packages/relying-app` and `apps/sso` implement the contract.
 */
export * from './account.ts';
export * from './introspection.ts';
export * from './logout.ts';
export * from './names.ts';
export * from './problems.ts';
export * from './steps.ts';
export * from './tokens.ts';
