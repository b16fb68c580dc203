/** `account invite`: a link with which a person sets a password of their own. */
import { databasePath, origin, readEnvironment, required } from '@samesite-sso/server/config';
import { createInvitationSecret, INVITATION_HOURS } from '../../accounts/invitations.ts';
import { normalizeUsername } from '../../accounts/username.ts';
import type { StoredAccount, Stores } from '../../storage/stores.ts';
import { type AddCommands, CommandError, lookUpAccount, operatorContext } from '../command.ts';
import { toNewAccount } from '../new-account.ts';
import { formatMinute, iso } from '../table.ts';
import { accountJson, checkNames, takenMessage } from './account.ts';

const HELP = `
Adds the account if there is none. The link works once, within ${INVITATION_HOURS} hours. A newer one
replaces it, and setting a password or disabling the account by command voids it.
With it, a person sets the account's password and is signed in. That removes the account's earlier passkeys,
authenticator app and recovery codes, and ends its SSO sessions. Until then all of them work as before.
Give the link to the person alone: it can't be read again, since only its hash is stored.
SSO_ORIGIN is the beginning of the link.`;

export const addAccountInviteCommand: AddCommands = (
  group,
  { environment, withStores, withStoresOrNew, report },
) => {
  group
    .command('invite')
    .description('print a link for setting a password, for a person who is new or has no other way in')
    .argument('<username>')
    .option('--name <name>', 'display name of a new account (default: the username)')
    .addHelpText('after', HELP)
    .action(async (username, { name }) => {
      // Reads the database's variable too, so that both errors appear at once.
      const { SSO_ORIGIN } = readEnvironment(environment, {
        SSO_DATABASE: required(databasePath),
        SSO_ORIGIN: required(origin),
      });
      if (name !== undefined) checkNames({ username, name });
      await (name === undefined ? withStores : withStoresOrNew)(async (stores) => {
        const existing = await lookUpAccount(stores, username);
        if (existing !== null && name !== undefined) {
          throw new CommandError(`${takenMessage(username)}; to invite it, leave out '--name'`);
        }
        const account = existing ?? (await addAccount(stores, username, name ?? normalizeUsername(username)));
        const { secret, secretHash } = createInvitationSecret();
        const context = operatorContext();
        const expiresAt = context.at + INVITATION_HOURS * 3_600_000;
        const invitation = { accountId: account.id, secretHash, expiresAt };
        if (!(await stores.invitations.create(invitation, context))) {
          throw new CommandError(`account ${account.username} is disabled; enable it first`);
        }
        // The fragment isn't sent to any server, so no log and no Referer has it.
        const link = `${SSO_ORIGIN}/#invitation=${secret}`;
        const { username: invited, displayName } = account;
        const done = existing === null ? 'Added and invited' : 'Invited';
        const note = `The link works once, until ${formatMinute(expiresAt)}:`;
        await report(`${done} ${invited} (${displayName}). ${note}\n${link}\n`, {
          ...accountJson(account),
          link,
          expiresAt: iso(expiresAt),
        });
      });
    });
};

async function addAccount({ accounts }: Stores, username: string, name: string): Promise<StoredAccount> {
  checkNames({ username, name });
  const added = toNewAccount(username, name, null);
  const context = operatorContext();
  if ((await accounts.add([added], context)).length > 0) throw new CommandError(takenMessage(username));
  return { ...added, createdAt: context.at, disabledAt: null };
}
