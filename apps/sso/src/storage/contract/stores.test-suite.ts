/**
 * The guarantees of `stores.ts` as tests that every backend runs: with parallel callers, with two connections
 * like those of two processes, and after a restart.
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

/** @param open opens another connection to the same stores, which are empty when a test starts */
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
