/**
 * The guarantees of `AppStore` as tests that every store must pass, with any test runner: with parallel
 * callers, with two connections like those of two processes, and after a restart. The README has an example.
 */
import { endedSessionTests } from './ended-session-tests.ts';
import type { StoreTest } from './given.ts';
import { logoutTests } from './logout-tests.ts';
import { sessionTests } from './session-tests.ts';
import { siteSignOutTests } from './site-sign-out-tests.ts';

export type { StoreTest } from './given.ts';

export const storeContract: readonly StoreTest[] = [
  ...sessionTests,
  ...logoutTests,
  ...siteSignOutTests,
  ...endedSessionTests,
];
