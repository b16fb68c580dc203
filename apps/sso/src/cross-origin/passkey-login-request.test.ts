import { HttpProblem } from '@samesite-sso/core';
import { expect, test, vi } from 'vitest';
import { ADA } from '../../../../test/support/accounts.ts';
import { handlePasskeyLogin } from './passkey-login-request.ts';

test('a passkey sign-in that starts no session is refused by its verifier, and sets no cookie', async () => {
  const problem = new HttpProblem('invalid-passkey');
  const refuse = vi.fn().mockRejectedValue(problem);
  const proof = { kind: 'passkey', credentialId: 'AA', counter: 0 };
  const cookie = { read: () => null, set: vi.fn() };
  const dependencies = {
    cookie,
    sessions: { start: async () => ({ refusal: 'challenge spent' }) },
    passkeyAuthentication: { verify: async () => ({ account: ADA, proof, refuse }) },
  };
  const request = { ip: '192.0.2.1', socket: {}, headers: {} };
  const scope = { purpose: 'app authentication', origin: 'http://foo.app.example.localhost:4001' } as const;
  const outcome = handlePasskeyLogin(
    ...([dependencies as never, request as never, {} as never, {} as never, scope] as const),
  );
  await expect(outcome).rejects.toBe(problem);
  expect(refuse.mock.calls).toEqual([['challenge spent']]);
  expect(cookie.set).not.toHaveBeenCalled();
});
