/** Groups of accounts, and the checks of access that follow when an account leaves one. */
import type { StoredAccount } from './account-store.ts';
import type { AuditContext } from './audit-store.ts';
import type { Pages } from './pages.ts';

/** The response of an introspection names them all, and apps limit its size. */
export const MAX_GROUPS_PER_ACCOUNT = 100;

export interface ListedGroup {
  name: string;
  /** How many accounts are in it. */
  memberCount: number;
}

export interface GroupStore {
  /** All groups that have a member, by name. */
  pages(): Pages<ListedGroup>;
  /** The accounts in a group, by username. If one is renamed meanwhile, it may be missing or appear twice. */
  members(name: string): Pages<StoredAccount>;
  /** @returns the names of the account's groups, sorted */
  of(accountId: string): Promise<string[]>;
  /** Adds accounts to a group. @returns the ids of those that exist and weren't in it */
  add(name: string, accountIds: readonly string[], context: AuditContext): Promise<string[]>;
  /**
   * Removes accounts from a group. In the same transaction each of them is to be reviewed: it may have lost
   * its access to apps.
   *
   * @returns the ids of those that were in it
   */
  remove(name: string, accountIds: readonly string[], context: AuditContext): Promise<string[]>;
  /**
   * Removes accounts from groups and adds them to others, in one transaction, so that a review never runs
   * between the two. As after `remove`, each of them is to be reviewed.
   */
  move(
    accountIds: readonly string[],
    change: { left: readonly string[]; joined: readonly string[] },
    context: AuditContext,
  ): Promise<void>;
  /** @returns at most `limit` accounts to review: all that have left a group since their last review */
  findUnreviewed(limit: number): Promise<string[]>;
  /**
   * Ends the account's access, as `SessionStore.endAtApp` does, to each of the given apps that requires
   * groups of which the account is in none. Then the account has been reviewed, unless it has left a group
   * meanwhile.
   *
   * @param required the groups that each restricted app requires: one of them suffices
   * @returns how many times a session lost an app
   */
  review(
    accountId: string,
    required: ReadonlyMap<string, readonly string[]>,
    context: AuditContext,
  ): Promise<number>;
}
