/**
 * The guarantees of `stores.ts` as tests that every backend runs: with parallel callers, with two connections
 * like those of two processes, and after a restart.
 */
import { describe } from 'vitest';
import { accountRaceContract } from './account-races.test-suite.ts';
import { accountContract } from './accounts.test-suite.ts';
import { appAccessContract } from './app-access.test-suite.ts';
import { auditContract } from './audit.test-suite.ts';
import { authenticatorAppContract } from './authenticator-apps.test-suite.ts';
import { boundedFactorsContract } from './bounded-factors.test-suite.ts';
import { boundedContract } from './bounded-work.test-suite.ts';
import { clientTextContract } from './client-text.test-suite.ts';
import { deliveryLeaseContract } from './delivery-leases.test-suite.ts';
import { endingRaceContract } from './ending-races.test-suite.ts';
import { excludedAccessContract } from './excluded-access.test-suite.ts';
import { factorEndingContract } from './factor-endings.test-suite.ts';
import { factorContract } from './factors.test-suite.ts';
import { type Backend, givenStores } from './given.ts';
import { groupReviewContract } from './group-reviews.test-suite.ts';
import { groupContract } from './groups.test-suite.ts';
import { invitationRaceContract } from './invitation-races.test-suite.ts';
import { invitationContract } from './invitations.test-suite.ts';
import { loginFailureContract } from './login-failures.test-suite.ts';
import { logoutNoticeContract } from './logout-notices.test-suite.ts';
import { ownSessionContract } from './own-session.test-suite.ts';
import { passkeySignInContract } from './passkey-sign-ins.test-suite.ts';
import { passkeyContract } from './passkeys.test-suite.ts';
import { registryContract } from './registry.test-suite.ts';
import { renewalRaceContract } from './renewal-races.test-suite.ts';
import { renewalContract } from './renewals.test-suite.ts';
import { serviceSecretContract } from './service-secrets.test-suite.ts';
import { sessionEndingContract } from './session-endings.test-suite.ts';
import { sessionContract } from './sessions.test-suite.ts';
import { signInCodeContract } from './sign-in-codes.test-suite.ts';
import { tokenRequirementContract } from './token-requirements.test-suite.ts';
import { tokenContract } from './tokens.test-suite.ts';

export function describeStores(name: string, backend: Backend): void {
  describe(`the stores on ${name}`, () => {
    const given = givenStores(backend);
    accountContract(given);
    accountRaceContract(given);
    sessionContract(given);
    renewalContract(given);
    renewalRaceContract(given);
    signInCodeContract(given);
    invitationContract(given);
    invitationRaceContract(given);
    tokenContract(given);
    tokenRequirementContract(given);
    sessionEndingContract(given);
    endingRaceContract(given);
    appAccessContract(given);
    excludedAccessContract(given);
    groupContract(given);
    groupReviewContract(given);
    logoutNoticeContract(given);
    deliveryLeaseContract(given);
    auditContract(given);
    authenticatorAppContract(given);
    factorContract(given);
    factorEndingContract(given);
    passkeyContract(given);
    passkeySignInContract(given);
    ownSessionContract(given);
    serviceSecretContract(given);
    clientTextContract(given);
    loginFailureContract(given);
    boundedContract(given);
    boundedFactorsContract(given);
    registryContract(given);
  });
}
