import { createSecretKey, randomBytes } from 'node:crypto';
import { HttpProblem } from '@samesite-sso/core';
import { expect, test, vi } from 'vitest';
import { ADA } from '../../../../test/support/accounts.ts';
import { RP_ID, softwareAuthenticator } from '../../../../test/support/webauthn/software-authenticator.ts';
import { RefusedSignIns } from '../accounts/refused-sign-ins.ts';
import { PasskeyAuthentication } from './passkey-authentication.ts';
import { Challenges } from './passkey-challenge.ts';

const FOO = 'http://foo.app.example.localhost:4001';
const SCOPE = { purpose: 'app authentication', origin: FOO } as const;

/** The parts of the service around one passkey of ada. */
function given() {
  const authenticator = softwareAuthenticator();
  const handle = randomBytes(64);
  authenticator.create({ challenge: '', origin: FOO, user: { id: handle.toString('base64url') } });
  const challenges = new Challenges(createSecretKey(randomBytes(32)), Date.now);
  const { id, publicKey } = authenticator;
  const passkey = { id, publicKey, counter: 0, isBackupEligible: false, account: ADA, userHandle: handle };
  const find = vi.fn(async (): Promise<object | null> => passkey);
  const throttle = { admit: vi.fn(async () => {}), countFailure: vi.fn(async () => {}) };
  const refusedSignIns = new RefusedSignIns({} as never, Date.now);
  vi.spyOn(refusedSignIns, 'count');
  const authentication = new PasskeyAuthentication({
    ...{ passkeys: { find }, challenges, throttle, refusedSignIns, clock: Date.now, rpId: RP_ID },
  } as never);
  const verify = (hasDisconnected = false) => {
    const challenge = challenges.create(SCOPE);
    const client = { address: '192.0.2.1', userAgent: '', hasDisconnected: () => hasDisconnected };
    return authentication.verify(authenticator.get({ challenge, origin: FOO }), SCOPE, client);
  };
  return { verify, find, throttle, refusedSignIns, authenticator };
}

test('a verified passkey proves its account, its counter and its challenge', async () => {
  const { verify, authenticator } = given();
  expect(await verify()).toEqual({
    account: ADA,
    proof: {
      kind: 'passkey',
      credentialId: authenticator.id,
      counter: 0,
      challenge: { hash: expect.any(Buffer), expiresAt: expect.any(Number) },
    },
    refuse: expect.any(Function),
  });
});

test('a client that has disconnected is signed in nowhere', async () => {
  const { verify, throttle } = given();
  await expect(verify(true)).rejects.toMatchObject({ code: 'invalid-passkey' });
  expect(throttle.countFailure).toHaveBeenCalledOnce();
});

test('a throttled client’s passkey isn’t looked up, and the refusal is counted', async () => {
  const { verify, throttle, find, refusedSignIns } = given();
  throttle.admit.mockRejectedValue(new HttpProblem('too-many-attempts'));
  await expect(verify()).rejects.toMatchObject({ code: 'too-many-attempts' });
  expect(find).not.toHaveBeenCalled();
  expect(refusedSignIns.count).toHaveBeenCalledOnce();
});

test('a failing database isn’t taken for a refused passkey', async () => {
  const { verify, find, throttle } = given();
  find.mockRejectedValue(new HttpProblem('unavailable'));
  await expect(verify()).rejects.toMatchObject({ code: 'unavailable' });
  expect(throttle.countFailure).not.toHaveBeenCalled();
});
