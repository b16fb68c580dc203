/** A person changes their own password: they prove the old one, and every other session of theirs ends. */
import { createSessionToken, HttpProblem, sha256 } from '@samesite-sso/core';
import type { Client } from '../sessions/client.ts';
import type { StartedSession } from '../sessions/sso-sessions.ts';
import type { AccountStore, SsoSession } from '../storage/stores.ts';
import { clientNetworks } from './client-networks.ts';
import type { PasswordHasher } from './hashing/hasher.ts';
import type { PasswordQueue } from './hashing/password-queue.ts';
import type { Login, VerifiedLogin } from './login.ts';
import { normalizePassword, validatePassword } from './password-rules.ts';

interface PasswordChangeParts {
  accounts: AccountStore;
  login: Login;
  hasher: PasswordHasher;
  queue: PasswordQueue;
  clock: () => number;
}

export class PasswordChange {
  readonly #parts: PasswordChangeParts;
  readonly #contextWords: readonly string[];

  constructor(parts: PasswordChangeParts, contextWords: readonly string[]) {
    this.#parts = parts;
    this.#contextWords = contextWords;
  }

  /**
   * The session goes on under a new secret, since its person has just proven who they are once more (OWASP
   * ASVS 5, 7.2.4). Guessing the old password is throttled like a login.
   *
   * @returns the session's new secret, and how many others ended
   * @throws {HttpProblem} `unfit-password`, `wrong-password`, `too-many-attempts` or `overloaded`; `not-signed-in`
   *   when the session ended meanwhile
   */
  async change(
    session: SsoSession,
    { oldPassword, newPassword }: { oldPassword: string; newPassword: string },
    client: Client,
  ): Promise<StartedSession & { ended: number }> {
    const { accounts, hasher, queue, clock } = this.#parts;
    const { account, sid, endsAt } = session;
    const arrivedAtMs = performance.now();
    const isSame = normalizePassword(newPassword) === normalizePassword(oldPassword);
    const fault = isSame ? 'is the old one' : validatePassword(newPassword, account, this.#contextWords);
    if (fault !== null) throw new HttpProblem('unfit-password', { detail: `The new password ${fault}.` });
    const verified = await this.#verify(session, oldPassword, client);
    // The username may have become somebody else's since the session was looked up.
    if (verified.account.id !== account.id) throw new HttpProblem('wrong-password');
    const { passwordVersion } = verified;
    const networks = clientNetworks(client.address).map(({ name }) => name);
    const passwordHash = await queue.run(networks, () => hasher.hash(newPassword), { arrivedAtMs });
    const secret = createSessionToken();
    const keep = { sid, tokenHash: sha256(secret) };
    const at = clock();
    const ended = await accounts.setPassword(
      account.id,
      passwordHash,
      { passwordVersion, keep },
      { at, actor: 'person', address: client.address },
    );
    if (ended === null) throw new HttpProblem('not-signed-in', { logReason: 'the session ended meanwhile' });
    return { secret, maxAgeSeconds: Math.max(1, Math.floor((endsAt - at) / 1000)), ended };
  }

  async #verify({ account, sid }: SsoSession, oldPassword: string, client: Client): Promise<VerifiedLogin> {
    const about = { sid, detail: 'old password, asked for a new one' };
    try {
      return await this.#parts.login.verify(account.username, oldPassword, client, about);
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.code !== 'invalid-credentials') throw error;
      throw new HttpProblem('wrong-password');
    }
  }
}
