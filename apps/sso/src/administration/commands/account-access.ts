/** The account commands that decide whether a person can sign in. All but `enable` end the sessions. */
import { hashPassword } from '../../accounts/hashing/argon2.ts';
import type { StoredAccount } from '../../storage/stores.ts';
import { type AddCommands, CommandError, findAccount, operatorContext, passwordCheck } from '../command.ts';
import { PASSWORD_HELP, PASSWORD_STDIN, passwordReader } from '../password-input.ts';
import { formatCount } from '../table.ts';
import { accountJson } from './account.ts';

const APPS_HELP = 'The running SSO service signs the person out of every app within seconds.';

export const addAccountAccessCommands: AddCommands = (group, { environment, withStores, report }) => {
  const reportChange = (change: string, account: StoredAccount, sessionsEnded: number) =>
    report(`${change}; ${formatCount(sessionsEnded, 'session')} ended.\n`, {
      ...accountJson(account),
      sessionsEnded,
    });

  group
    .command('disable')
    .description('disable an account and end its SSO sessions')
    .argument('<username>')
    .addHelpText('after', `\n${APPS_HELP}`)
    .action((username) =>
      withStores(async (stores) => {
        const account = await findAccount(stores, username);
        const context = operatorContext();
        const sessionsEnded = await stores.accounts.disable(account.id, context);
        if (sessionsEnded === null) throw new CommandError(`account ${account.username} is already disabled`);
        const disabled = { ...account, disabledAt: context.at };
        await reportChange(`Disabled ${account.username}`, disabled, sessionsEnded);
      }),
    );

  group
    .command('enable')
    .description('enable a disabled account')
    .argument('<username>')
    .action((username) =>
      withStores(async (stores) => {
        const account = await findAccount(stores, username);
        if (!(await stores.accounts.enable(account.id, operatorContext()))) {
          throw new CommandError(`account ${account.username} isn't disabled`);
        }
        await report(`Enabled ${account.username}.\n`, accountJson({ ...account, disabledAt: null }));
      }),
    );

  group
    .command('set-password')
    .description('set a new password and end the SSO sessions of the account')
    .argument('<username>')
    .option(...PASSWORD_STDIN)
    .addHelpText('after', `\n${PASSWORD_HELP}\n${APPS_HELP}`)
    .action(async (username, { passwordStdin }, command) => {
      const readPassword = passwordReader(command, passwordStdin);
      const checkPassword = passwordCheck(environment);
      await withStores(async (stores) => {
        const account = await findAccount(stores, username);
        const password = await readPassword();
        checkPassword(password, account);
        const hash = await hashPassword(password);
        const sessionsEnded = await stores.accounts.setPassword(account.id, hash, {}, operatorContext());
        if (sessionsEnded === null) throw new CommandError(`account ${username} not found`);
        await reportChange(`Set the password of ${account.username}`, account, sessionsEnded);
      });
    });

  group
    .command('remove')
    .description('remove an account for good and end its SSO sessions')
    .argument('<username>')
    .addHelpText(
      'after',
      `\n${APPS_HELP}\nThe id isn't used again, and the audit trail keeps the account's records.`,
    )
    .action((username) =>
      withStores(async (stores) => {
        const account = await findAccount(stores, username);
        const sessionsEnded = await stores.accounts.remove(account.id, operatorContext());
        if (sessionsEnded === null) throw new CommandError(`account ${username} not found`);
        await reportChange(`Removed ${account.username}`, account, sessionsEnded);
      }),
    );
};
