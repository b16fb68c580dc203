/**
 * The contract between page, app and SSO service, and the only place where a shape is written down.
 * Read `steps.ts` first: the five steps in flow order. It owns no behaviour: what a server does with
 * these shapes stands in `apps/sso` and `packages/relying-app`, what a page does in `packages/browser`.
 */
export * from './account.ts';
export * from './introspection.ts';
export * from './logout.ts';
export * from './names.ts';
export * from './problems.ts';
export * from './steps.ts';
export * from './tokens.ts';
