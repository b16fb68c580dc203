/** `account disable`, `enable`, `set-password` and `remove`: who can log in. What ends, ends at the apps too. */
import { hashPassword } from '../accounts/hashing/argon2.ts';
import { accountJson } from './account.ts';
import { CommandError, command } from './command.ts';
import { findAccount, operatorContext, passwordCheck, withStores } from './operator.ts';
import { count } from './table.ts';
import { PASSWORD_DETAILS, PASSWORD_STDIN, passwordReader } from './terminal.ts';

const environment = ['SSO_DATABASE'] as const;
const AT_THE_APPS = 'The running SSO service tells the apps within seconds.';

export const accountDisable = command({
  name: 'account disable',
  takes: ['USERNAME'],
  options: {},
  environment,
  purpose: 'let a person log in no more, and end their SSO sessions',
  details: AT_THE_APPS,
  example: 'account disable ada',
  run: (environment, [username]) =>
    withStores(environment, async (stores) => {
      const account = await findAccount(stores, username);
      const context = operatorContext();
      const sessionsEnded = await stores.accounts.disable(account.id, context);
      if (sessionsEnded === null) throw new CommandError(`${account.username} is disabled already`);
      return {
        text: `Disabled ${account.username}; ${ended(sessionsEnded)}.\n`,
        json: { ...accountJson({ ...account, disabledAt: context.at }), sessionsEnded },
      };
    }),
});

export const accountEnable = command({
  name: 'account enable',
  takes: ['USERNAME'],
  options: {},
  environment,
  purpose: 'let a person log in again',
  example: 'account enable ada',
  run: (environment, [username]) =>
    withStores(environment, async (stores) => {
      const account = await findAccount(stores, username);
      if (!(await stores.accounts.enable(account.id, operatorContext()))) {
        throw new CommandError(`${account.username} is not disabled`);
      }
      return {
        text: `Enabled ${account.username}.\n`,
        json: accountJson({ ...account, disabledAt: null }),
      };
    }),
});

export const accountSetPassword = command({
  name: 'account set-password',
  takes: ['USERNAME'],
  options: { 'password-stdin': PASSWORD_STDIN },
  environment: ['SSO_DATABASE', 'SSO_PASSWORD_WORDS'],
  purpose: 'set a new password, and end the SSO sessions of the old one',
  details: `${PASSWORD_DETAILS}\n${AT_THE_APPS}`,
  example: 'account set-password ada',
  run(environment, [username], { 'password-stdin': isFromStdin }) {
    const readPassword = passwordReader(isFromStdin);
    const refuseUnfit = passwordCheck(environment);
    return withStores(environment, async (stores) => {
      const account = await findAccount(stores, username);
      const password = await readPassword();
      refuseUnfit(password, account);
      const hash = await hashPassword(password);
      const sessionsEnded = await stores.accounts.setPassword(account.id, hash, {}, operatorContext());
      if (sessionsEnded === null) throw new CommandError(`there is no account ${username} any more`);
      return {
        text: `Set the password of ${account.username}; ${ended(sessionsEnded)}.\n`,
        json: { ...accountJson(account), sessionsEnded },
      };
    });
  },
});

export const accountRemove = command({
  name: 'account remove',
  takes: ['USERNAME'],
  options: {},
  environment,
  purpose: 'remove an account for good, and end its SSO sessions',
  details: `${AT_THE_APPS}\nIts id is never given to another account. What it did stays in the audit trail.`,
  example: 'account remove ada',
  run: (environment, [username]) =>
    withStores(environment, async (stores) => {
      const account = await findAccount(stores, username);
      const sessionsEnded = await stores.accounts.remove(account.id, operatorContext());
      if (sessionsEnded === null) throw new CommandError(`there is no account ${username} any more`);
      return {
        text: `Removed ${account.username}; ${ended(sessionsEnded)}.\n`,
        json: { ...accountJson(account), sessionsEnded },
      };
    }),
});

function ended(sessions: number): string {
  return `${count(sessions, 'session')} ended`;
}
