/**
 * Invitations: the holder of a secret sets the password of an account, and is signed in. An operator creates
 * them (`../administration/commands/account-invite.ts`) for new people, and for those who have lost
 * everything that they can sign in with.
 */
import { createSessionToken, HttpProblem, sha256 } from '@samesite-sso/core';
import type { Account } from '@samesite-sso/protocol';
import type { Client } from '../sessions/client.ts';
import type { SsoSessions, StartedSession } from '../sessions/sso-sessions.ts';
import type { InvitationStore } from '../storage/stores.ts';
import { toNetworkNames } from './client-networks.ts';
import type { PasswordHasher } from './hashing/hasher.ts';
import type { PasswordQueue } from './hashing/password-queue.ts';
import { validatePassword } from './password-rules.ts';

export const INVITATION_HOURS = 72;

export interface InvitationDependencies {
  invitations: InvitationStore;
  sessions: SsoSessions;
  hasher: PasswordHasher;
  queue: PasswordQueue;
  clock: () => number;
  contextWords: readonly string[];
}

/** Returns 256 bits from the system's random source, too many to guess. Only their hash is stored. */
export function createInvitationSecret(): { secret: string; secretHash: Buffer } {
  const secret = createSessionToken();
  return { secret, secretHash: sha256(secret) };
}

/** @throws {HttpProblem} `invalid-invitation`, the same for a wrong, used, replaced and expired secret */
export async function findInvited(
  { invitations, clock }: Pick<InvitationDependencies, 'invitations' | 'clock'>,
  secret: string,
): Promise<Account> {
  const account = await invitations.find(sha256(secret), clock());
  if (account === null) throw new HttpProblem('invalid-invitation');
  return account;
}

/**
 * Sets the password, removes all other factors, ends all earlier sessions and starts one, all at once.
 *
 * @param presentedToken the token in the cookie that came along; its session ends
 * @throws {HttpProblem} `invalid-invitation`; or `unfit-password` or `overloaded`, and the invitation still
 *   works
 */
export async function acceptInvitation(
  dependencies: InvitationDependencies,
  { secret, password }: { secret: string; password: string },
  presentedToken: string | null,
  client: Client,
): Promise<{ account: Account; started: StartedSession }> {
  const { invitations, sessions, hasher, queue, contextWords } = dependencies;
  const arrivedAtMs = performance.now();
  // First, so that only the holder of an invitation can make the service hash a password.
  const account = await findInvited(dependencies, secret);
  const reason = validatePassword(password, account, contextWords);
  if (reason !== null) throw new HttpProblem('unfit-password', { detail: `The password ${reason}.` });
  const networks = toNetworkNames(client.address);
  const passwordHash = await queue.run(networks, () => hasher.hash(password), { arrivedAtMs });
  // Without a response the person wouldn't know that the link is used up.
  if (client.hasDisconnected()) {
    throw new HttpProblem('invalid-invitation', { logReason: 'the client disconnected before the response' });
  }
  const invitation = { secretHash: sha256(secret), passwordHash };
  const started = await sessions.startInvited(invitations, invitation, presentedToken, client);
  if (started === null) {
    throw new HttpProblem('invalid-invitation', { logReason: 'it has just been used, or has expired' });
  }
  return { account, started };
}
