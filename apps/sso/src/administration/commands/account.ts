/** Adds, lists, shows and renames accounts. `account-access.ts` decides whether an account can sign in. */
import { Option } from '@commander-js/extra-typings';
import { validateDisplayName } from '../../accounts/display-name.ts';
import { hashPassword } from '../../accounts/hashing/argon2.ts';
import { normalizeUsername, usernameKey, validateUsername } from '../../accounts/username.ts';
import type { ListedSession, StoredAccount } from '../../storage/stores.ts';
import { type AddCommands, CommandError, findAccount, operatorContext, passwordCheck } from '../command.ts';
import { toNewAccount } from '../new-account.ts';
import { OPTIONAL_PASSWORD_HELP, optionalPasswordReader, PASSWORD_STDIN } from '../password-input.ts';
import { formatMembers, formatMinute, iso, table } from '../table.ts';
import { SESSION_HEADINGS, sessionCells, sessionJson } from './session.ts';

export const addAccountCommands: AddCommands = (
  group,
  { environment, withStores, withStoresOrNew, report, list },
) => {
  group
    .command('add')
    .description('add an account')
    .argument('<username>')
    .requiredOption('--name <name>', 'display name')
    .option(...PASSWORD_STDIN)
    .addOption(
      new Option('--no-password', 'add an account without a password, for account invite').conflicts(
        'passwordStdin',
      ),
    )
    .addHelpText('after', `\n${OPTIONAL_PASSWORD_HELP}`)
    .action(async (username, { name, passwordStdin, password: hasPassword }, command) => {
      const readPassword = hasPassword ? optionalPasswordReader(command, passwordStdin) : null;
      const checkPassword = passwordCheck(environment);
      checkNames({ username, name });
      await withStoresOrNew(async ({ accounts }) => {
        if ((await accounts.find(usernameKey(username))) !== null)
          throw new CommandError(takenMessage(username));
        const password = (await readPassword?.()) ?? null;
        if (password !== null) checkPassword(password, { username, displayName: name });
        const added = toNewAccount(username, name, password === null ? null : await hashPassword(password));
        const context = operatorContext();
        if ((await accounts.add([added], context)).length > 0) throw new CommandError(takenMessage(username));
        const note = password === null ? " It has no password: invite its person with 'account invite'." : '';
        await report(
          `Added ${added.username} (${name}).${note}\n`,
          accountJson({ ...added, createdAt: context.at, disabledAt: null }),
        );
      });
    });

  group
    .command('list')
    .description('list all accounts')
    .action(() =>
      list({
        pages: ({ accounts }) => accounts.pages(),
        headings: ['USERNAME', 'DISPLAY NAME', 'ADDED', 'DISABLED'],
        cells: (row) => [
          row.username,
          row.displayName,
          formatMinute(row.createdAt),
          formatMinute(row.disabledAt),
        ],
        json: accountJson,
      }),
    );

  group
    .command('show')
    .description('show an account, its groups, its factors and its SSO sessions')
    .argument('<username>')
    .action((username) =>
      withStores(async (stores) => {
        const account = await findAccount(stores, username);
        const sessions: ListedSession[] = [];
        for await (const page of stores.sessions.pages(account.id)) sessions.push(...page);
        const groups = await stores.groups.of(account.id);
        const passkeys = await stores.passkeys.of(account.id);
        const { hasAuthenticator, recoveryCodeCount } = await stores.factors.of(account.id);
        const text = formatMembers({
          id: account.id,
          username: account.username,
          'display name': account.displayName,
          added: formatMinute(account.createdAt),
          disabled: formatMinute(account.disabledAt),
          groups: groups.join(', '),
          passkeys: passkeys.map(({ name }) => name).join(', '),
          'authenticator app': hasAuthenticator ? 'yes' : null,
          'recovery codes': hasAuthenticator ? String(recoveryCodeCount) : null,
          sessions: String(sessions.length),
        });
        const sessionTable = `\n${table(SESSION_HEADINGS, sessions.map(sessionCells))}`;
        await report(sessions.length === 0 ? text : text + sessionTable, {
          ...accountJson(account),
          groups,
          factors: {
            passkeys: passkeys.map(({ id, name, createdAt, lastUsedAt }) => ({
              id,
              name,
              createdAt: iso(createdAt),
              lastUsedAt: iso(lastUsedAt),
            })),
            authenticator: hasAuthenticator,
            recoveryCodes: recoveryCodeCount,
          },
          sessions: sessions.map(sessionJson),
        });
      }),
    );

  group
    .command('rename')
    .description('change the username, the display name, or both')
    .argument('<username>')
    .argument('[new-username]')
    .option('--name <name>', 'new display name')
    .addHelpText(
      'after',
      '\nThe account keeps its id and its sessions. Apps learn the new name at the next sign-in.',
    )
    .action(async (username, newUsername, { name }, command) => {
      if (newUsername === undefined && name === undefined) {
        command.error("error: specify a new username, '--name', or both");
      }
      checkNames({ username: newUsername, name });
      await withStores(async (stores) => {
        const old = await findAccount(stores, username);
        const account = {
          ...old,
          username: normalizeUsername(newUsername ?? old.username),
          displayName: name ?? old.displayName,
        };
        const renamed = { ...account, usernameKey: usernameKey(account.username) };
        const conflict = await stores.accounts.rename(renamed, operatorContext());
        if (conflict === 'taken') throw new CommandError(takenMessage(account.username));
        if (conflict === 'gone') throw new CommandError(`account ${old.username} not found`);
        await report(
          `Renamed ${old.username} (${old.displayName}) to ${account.username} (${account.displayName}).\n`,
          accountJson(account),
        );
      });
    });
};

/** An account as JSON. Members are picked one by one, so that no hash gets in. */
export function accountJson({ id, username, displayName, createdAt, disabledAt }: StoredAccount) {
  return { id, username, displayName, createdAt: iso(createdAt), disabledAt: iso(disabledAt) };
}

export function takenMessage(username: string): string {
  return `account ${username} already exists`;
}

/** @throws {CommandError} with every error of a new username and a new display name */
export function checkNames({
  username,
  name,
}: {
  username: string | undefined;
  name: string | undefined;
}): void {
  const errors: string[] = [];
  const note = (what: string, error: string | null) => error !== null && errors.push(`${what} ${error}`);
  if (username !== undefined) note('the username', validateUsername(username));
  if (name !== undefined) note('the display name', validateDisplayName(name));
  if (errors.length > 0) throw new CommandError(...errors);
}
