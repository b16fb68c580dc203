/**
 * Adds and removes a person's authenticator app, and makes recovery codes. The caller has made sure that the
 * sign-in is recent: see `recent-sign-in.ts`.
 */
import { HttpProblem } from '@samesite-sso/core';
import type { AuditContext, FactorStore, OwnSession, SsoSession } from '../../storage/stores.ts';
import type { LoginThrottle } from '../login-throttle.ts';
import { usernameKey } from '../username.ts';
import type { AuthenticatorSecrets } from './authenticator-secrets.ts';
import { createRecoveryCodes, withoutSeparators } from './recovery-codes.ts';
import { createSecret, findTimeStep, toAuthenticatorUri, toBase32 } from './totp.ts';

const PENDING_MS = 10 * 60 * 1000;

interface Dependencies {
  factors: FactorStore;
  secrets: AuthenticatorSecrets;
  throttle: LoginThrottle;
  clock: () => number;
  /** The name that authenticator apps show. */
  siteName: string;
}

export class AuthenticatorEnrollment {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether the service can keep the secret of an authenticator app. */
  get isAvailable(): boolean {
    return this.#dependencies.secrets.canSeal;
  }

  /**
   * Creates the secret of an authenticator app, which counts once a code of it has been confirmed.
   *
   * @throws {HttpProblem} `not-found` if the service has no sealing keys
   */
  async prepare({ account }: SsoSession, own: OwnSession): Promise<{ secret: string; uri: string }> {
    const { factors, secrets, clock, siteName } = this.#dependencies;
    if (!this.isAvailable) throw new HttpProblem('not-found', { logReason: 'there are no sealing keys' });
    const secret = createSecret();
    const sealedSecret = await secrets.seal(account.id, secret);
    await factors.prepareAuthenticator(own, sealedSecret, clock() + PENDING_MS);
    return { secret: toBase32(secret), uri: toAuthenticatorUri(secret, siteName, account.username) };
  }

  /**
   * Wrong codes count like those of a sign-in: a right guess would show the recovery codes.
   *
   * @returns the recovery codes, which are stored hashed and can't be shown again
   * @throws {HttpProblem} `invalid-code` or `too-many-attempts`; `not-found` if no authenticator app of this
   *   session is pending any more
   */
  async confirm({ account }: SsoSession, own: OwnSession, code: string, address: string): Promise<string[]> {
    const { factors, secrets, throttle, clock } = this.#dependencies;
    const now = clock();
    const pending = await factors.findPendingAuthenticator(own.sid, now);
    if (pending === null) throw notPending();
    const attempt = { usernameKey: usernameKey(account.username), address };
    await throttle.admitCode(attempt);
    const secret = await secrets.open({ accountId: account.id, ...pending });
    const lastStep = findTimeStep(secret, withoutSeparators(code), now);
    if (lastStep === null) {
      const detail = 'a wrong code, at the setup of an authenticator app';
      await throttle.countWrongCode(attempt, { accountId: account.id, sid: own.sid, detail });
      throw new HttpProblem('invalid-code', { logReason: detail });
    }
    // Others may have tried wrong codes meanwhile. Refuse right and wrong ones alike.
    await throttle.admitCode(attempt);
    const { codes, hashes } = createRecoveryCodes();
    const confirmed = { ...pending, lastStep };
    const isConfirmed = await factors.confirmAuthenticator(own, confirmed, hashes, byPerson(now, address));
    if (!isConfirmed) throw notPending();
    return codes;
  }

  /** @throws {HttpProblem} `not-found` if the account has none */
  async remove(own: OwnSession, address: string): Promise<void> {
    const { factors, clock } = this.#dependencies;
    if (!(await factors.removeAuthenticator(own, byPerson(clock(), address)))) throw noAuthenticator();
  }

  /** @throws {HttpProblem} `not-found` if the account has no authenticator app */
  async replaceRecoveryCodes(own: OwnSession, address: string): Promise<string[]> {
    const { factors, clock } = this.#dependencies;
    const { codes, hashes } = createRecoveryCodes();
    const context = byPerson(clock(), address);
    if (!(await factors.replaceRecoveryCodes(own, hashes, context))) throw noAuthenticator();
    return codes;
  }
}

const byPerson = (at: number, address: string): AuditContext => ({ at, actor: 'person', address });

function notPending(): HttpProblem {
  return new HttpProblem('not-found', {
    logReason: 'no authenticator app of this session is pending',
  });
}

function noAuthenticator(): HttpProblem {
  return new HttpProblem('not-found', { logReason: 'the account has no authenticator app' });
}
