/**
 * The guarantees of `stores.ts` as tests that every backend runs: what must hold under parallel callers, in
 * two processes' connections at once, and after the stores were closed and opened again.
 */
import { describe } from 'vitest';
import { accountContract } from './contract/accounts.ts';
import { auditContract } from './contract/audit.ts';
import { boundedContract } from './contract/bounded.ts';
import { givenStores } from './contract/given.ts';
import { loadedRegistryContract } from './contract/loaded-registry.ts';
import { logoutNoticeContract } from './contract/logout-notices.ts';
import { sessionEndingContract } from './contract/session-endings.ts';
import { sessionContract } from './contract/sessions.ts';
import { tokenContract } from './contract/tokens.ts';
import type { Stores } from './stores.ts';

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
