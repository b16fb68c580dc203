/** Step 5's decision: whose username and password are these? It starts no session; the route does. */

import { HttpProblem } from '@samesite-sso/core';
import type { Account } from '@samesite-sso/protocol';
import type { Client } from '../sessions/client.ts';
import type { AccountStore, Credentials } from '../storage/stores.ts';
import { clientNetworks } from './client-networks.ts';
import { createDummyHash, isOutdated } from './hashing/argon2.ts';
import type { PasswordHasher } from './hashing/hasher.ts';
import type { PasswordQueue } from './hashing/password-queue.ts';
import type { FailureRecord, LoginAttempt, LoginThrottle } from './login-throttle.ts';
import type { RefusedSignIns } from './refused-sign-ins.ts';
import { usernameKey } from './username.ts';

/** Whose password was right, and which password that was: it may be changed before the session starts. */
export interface VerifiedLogin {
  account: Account;
  passwordVersion: number;
}

interface LoginParts {
  accounts: AccountStore;
  hasher: PasswordHasher;
  queue: PasswordQueue;
  throttle: LoginThrottle;
  refused: RefusedSignIns;
}

export class Login {
  readonly #parts: LoginParts;

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /**
   * An unknown username and a disabled account get the same work and the same words as a wrong password.
   *
   * @param record what else the audit record of a failure says, where this isn't a sign-in
   * @throws {HttpProblem} `too-many-attempts`, `overloaded` or `invalid-credentials`; the last also when the
   *   client has closed its connection, so that no session is started for it
   */
  async verify(
    username: string,
    password: string,
    client: Client,
    record: Pick<FailureRecord, 'sid' | 'detail'> = {},
  ): Promise<VerifiedLogin> {
    const { throttle, queue, refused } = this.#parts;
    const arrivedAtMs = performance.now();
    const attempt = { usernameKey: usernameKey(username), address: client.address };
    const networks = clientNetworks(client.address).map(({ name }) => name);
    try {
      await throttle.admit(attempt);
      const check = () => this.#check(attempt, password, client, record);
      const afterwards = (credentials: Credentials) => this.#improveHash(credentials, password);
      const credentials = await queue.run(networks, check, { arrivedAtMs, afterwards });
      const { account, passwordVersion } = credentials;
      return { account, passwordVersion };
    } catch (error) {
      refused.count(error, networks[0] ?? client.address);
      throw error;
    }
  }

  /**
   * Runs when the attempt leaves the queue; counts a failure before the network's next attempt is checked.
   */
  async #check(
    attempt: LoginAttempt,
    password: string,
    client: Client,
    record: Pick<FailureRecord, 'sid' | 'detail'>,
  ): Promise<Credentials> {
    const { accounts, hasher, throttle } = this.#parts;
    // Attempts checked while this one waited may have used up the limit: then this one isn't checked.
    await this.#admitInTurn(attempt);
    const known = await accounts.findCredentials(attempt.usernameKey);
    const fail = async (detail: string | undefined = record.detail): Promise<never> => {
      const failure = { ...record, ...(detail !== undefined && { detail }) };
      await throttle.countFailure(attempt, { accountId: known?.account.id ?? null, ...failure });
      throw new HttpProblem('invalid-credentials', { ...(detail !== undefined && { logReason: detail }) });
    };
    if (client.hasLeft()) return await fail('the client left before its password was checked');
    // Unknown and disabled accounts get a random hash with our parameters: the same work, nothing to find.
    const isRight =
      known === null || known.isDisabled
        ? await hasher.verify(createDummyHash(), password, false)
        : await hasher.verify(known.passwordHash, password, known.isImported);
    // Other instances may have counted failures meanwhile. Right and wrong passwords end here alike.
    await throttle.admit(attempt);
    if (known?.isDisabled) return await fail('the account is disabled');
    if (known === null || !isRight) return await fail();
    // Counted for right and wrong passwords alike: otherwise the count would reveal which it was.
    if (client.hasLeft()) return await fail('the client left before it was answered');
    return known;
  }

  /** If the database is unavailable, refuses all waiting attempts too: each would wait for it in turn. */
  async #admitInTurn(attempt: LoginAttempt): Promise<void> {
    try {
      await this.#parts.throttle.admit(attempt);
    } catch (error) {
      if (error instanceof HttpProblem && error.code === 'unavailable')
        this.#parts.queue.refuseWaiting(error);
      throw error;
    }
  }

  /**
   * Replaces an old hash after the response, so that a right password takes no longer than a wrong one. If it
   * fails, the next sign-in tries again.
   */
  async #improveHash({ account, passwordHash, isImported }: Credentials, password: string): Promise<void> {
    if (!isImported && !isOutdated(passwordHash)) return;
    const { accounts, hasher } = this.#parts;
    await accounts.rehash(account.id, passwordHash, await hasher.hash(password));
  }
}
