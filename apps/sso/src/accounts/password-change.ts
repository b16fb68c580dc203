/** Changes a person's own password: verifies the old one, and ends every other session of the account. */
import { createSessionToken, HttpProblem, sha256 } from '@samesite-sso/core';
import type { Client } from '../sessions/client.ts';
import { type StartedSession, toStartedSession } from '../sessions/sso-sessions.ts';
import type { AccountStore, OwnSession, SsoSession } from '../storage/stores.ts';
import { toNetworkNames } from './client-networks.ts';
import type { PasswordHasher } from './hashing/hasher.ts';
import type { PasswordQueue } from './hashing/password-queue.ts';
import type { Login } from './login.ts';
import { validatePassword } from './password-rules.ts';
import { normalizePassword } from './password-text.ts';

export interface PasswordChangeDependencies {
  accounts: AccountStore;
  login: Login;
  hasher: PasswordHasher;
  queue: PasswordQueue;
  clock: () => number;
  contextWords: readonly string[];
}

/**
 * The session continues under a new token, because its person has authenticated again (OWASP ASVS 5, 7.2.4).
 * Guesses of the old password are throttled like logins.
 *
 * @returns the session's new token, and how many other sessions ended
 * @throws {HttpProblem} `unfit-password`, `wrong-password`, `too-many-attempts` or `overloaded`;
 *   `not-signed-in` if the password has changed meanwhile; `reauthentication-required` if the session has
 *   ended, or was renewed meanwhile
 */
export async function changePassword(
  { accounts, login, hasher, queue, clock, contextWords }: PasswordChangeDependencies,
  { account, sid, endsAt }: SsoSession,
  own: OwnSession,
  { oldPassword, newPassword }: { oldPassword: string; newPassword: string },
  client: Client,
): Promise<StartedSession & { ended: number }> {
  const arrivedAtMs = performance.now();
  const isSame = normalizePassword(newPassword) === normalizePassword(oldPassword);
  const reason = isSame ? 'is the same as the old one' : validatePassword(newPassword, account, contextWords);
  if (reason !== null) throw new HttpProblem('unfit-password', { detail: `The new password ${reason}.` });
  const record = { sid, detail: 'the old password, at a password change' };
  const { account: verified, passwordVersion } = await login
    .verifyPassword(account.username, oldPassword, client, record)
    .catch((error) => {
      if (!(error instanceof HttpProblem) || error.code !== 'invalid-credentials') throw error;
      throw new HttpProblem('wrong-password');
    });
  // After a rename, the username of this session may belong to another account.
  if (verified.id !== account.id) throw new HttpProblem('wrong-password');
  const networks = toNetworkNames(client.address);
  const passwordHash = await queue.run(networks, () => hasher.hash(newPassword), { arrivedAtMs });
  const token = createSessionToken();
  const at = clock();
  const ended = await accounts.setPassword(
    account.id,
    passwordHash,
    { passwordVersion, own: { ...own, newTokenHash: sha256(token) } },
    { at, actor: 'person', address: client.address },
  );
  if (ended === null) throw new HttpProblem('not-signed-in', { logReason: 'the password has just changed' });
  return { ...toStartedSession(token, endsAt, at), ended };
}
