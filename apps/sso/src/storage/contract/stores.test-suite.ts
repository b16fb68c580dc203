/**
 * The guarantees of `stores.ts` as tests that every backend runs: what must hold under parallel callers, in
 * two processes' connections at once, and after the stores were closed and opened again.
 */
import { describe } from 'vitest';
import type { Stores } from '../stores.ts';
import { accountContract } from './accounts.test-suite.ts';
import { auditContract } from './audit.test-suite.ts';
import { boundedContract } from './bounded-work.test-suite.ts';
import { givenStores } from './given.ts';
import { loadedRegistryContract } from './loaded-registry.test-suite.ts';
import { logoutNoticeContract } from './logout-notices.test-suite.ts';
import { sessionEndingContract } from './session-endings.test-suite.ts';
import { sessionContract } from './sessions.test-suite.ts';
import { tokenContract } from './tokens.test-suite.ts';

/** @param open opens the same stores anew at every call, empty at the first of a test */
export function describeStores(backend: string, open: () => Stores): void {
  describe(`the stores on ${backend}`, () => {
    const given = givenStores(open);
    accountContract(given);
    sessionContract(given);
    tokenContract(given);
    sessionEndingContract(given);
    logoutNoticeContract(given);
    auditContract(given);
    boundedContract(given);
    loadedRegistryContract(given);
  });
}
