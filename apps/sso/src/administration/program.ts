/** The command line `samesite-sso`: help, output and exit codes. The commands are in `commands/`. */
import { Command, CommanderError } from '@commander-js/extra-typings';
import { ConfigError, escapeControlCharacters, escapeLine, HttpProblem } from '@samesite-sso/core';
import type { Environment } from '@samesite-sso/server/config';
import { type CommandContext, CommandError, readDatabase, withStores } from './command.ts';
import { addAccountCommands } from './commands/account.ts';
import { addAccountAccessCommands } from './commands/account-access.ts';
import { addAccountApplyCommand } from './commands/account-apply.ts';
import { addAccountImportCommand } from './commands/account-import.ts';
import { addAccountInviteCommand } from './commands/account-invite.ts';
import { addAppCommands } from './commands/app.ts';
import { addAuditCommand } from './commands/audit.ts';
import { addBackupCommand } from './commands/backup.ts';
import { addGroupCommands } from './commands/group.ts';
import { addKeyCommands } from './commands/key.ts';
import { addMigrateToCommand } from './commands/migrate-to.ts';
import { addSessionCommands } from './commands/session.ts';
import { addThrottleCommands } from './commands/throttle.ts';
import { partsOf } from './list.ts';

const HELP = `
Environment:
  SSO_DATABASE                  the SSO service's database, for every command: a path, or a postgres:// URL
  SSO_ORIGIN                    the SSO service's origin, for account invite, app list and app check
  SSO_APPS                      path of the app registry, for app list and app check
  SSO_PASSWORD_WORDS            for account add and account set-password, as the SSO service has it
  SSO_TOKEN_SECONDS             for the key commands, as the SSO service has it
  SSO_SEALING_KEY_FILE          for key reseal and migrate-to, and with PostgreSQL for every key command and
                                app check, as the SSO service has it
  SSO_MAX_FAILURES_PER_ACCOUNT  for throttle list, as the SSO service has it
  SSO_MAX_FAILURES_PER_ADDRESS  for throttle list, as the SSO service has it

Exit codes:
  0  success
  1  the command failed, or a check did; standard error says why
  2  usage error: nothing was done

Times are in UTC. Messages are explained in docs/troubleshooting.md.`;

export interface Outcome {
  status: 0 | 1 | 2;
  stderr: string;
}

/** Prints to standard output. @returns false once the output is closed */
export type Print = (text: string) => Promise<boolean>;

/** @param args without the program's name */
export async function runCommandLine(
  args: string[],
  environment: Environment,
  print: Print,
): Promise<Outcome> {
  let help = '';
  let stderr = '';
  const printLine = (line: string) => {
    stderr += `${escapeLine(line)}\n`;
  };
  const program = new Command('samesite-sso')
    .description(
      'Manages accounts, groups, sessions, apps and keys of the SSO service, whether it is running or not.',
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
      writeErr: (text) => {
        stderr += text;
      },
      outputError: (text) => printLine(withoutValues(text.trimEnd())),
    })
    .showSuggestionAfterError(false) // It would be a second line, which an argument could forge.
    .showHelpAfterError('Run it with --help for its usage.')
    .helpCommand(false)
    .exitOverride()
    .addHelpText('afterAll', HELP)
    .option('--json', 'print JSON');

  const printParts = async (parts: Iterable<string> | AsyncIterable<string>) => {
    for await (const part of parts) if (!(await print(escapeControlCharacters(part)))) break;
  };
  const context: CommandContext = {
    environment,
    withStores: (work) => withStores(readDatabase(environment), work),
    withStoresOrNew: (work) => withStores(readDatabase(environment, { mayBeNew: true }), work),
    async report(text, json, warnings = []) {
      await printParts([program.opts().json ? `${JSON.stringify(json, null, 2)}\n` : text]);
      for (const warning of warnings) printLine(`warning: ${warning}`);
    },
    list: (list) =>
      printParts(partsOf(list, { database: readDatabase(environment), isJson: !!program.opts().json })),
  };
  const group = (name: string, description: string) =>
    program.command(name).helpCommand(false).description(description);
  const account = group('account', 'manage the accounts of people who can sign in');
  addAccountCommands(account, context);
  addAccountAccessCommands(account, context);
  addAccountImportCommand(account, context);
  addAccountInviteCommand(account, context);
  addAccountApplyCommand(account, context);
  addGroupCommands(group('group', 'list groups and change who is in them'), context);
  addSessionCommands(group('session', 'list and end SSO sessions'), context);
  addThrottleCommands(group('throttle', 'list and lift limits on failed sign-ins'), context);
  addAppCommands(group('app', 'list and check the apps of the registry'), context);
  addKeyCommands(group('key', 'list, rotate, retire and reseal signing keys'), context);
  addAuditCommand(program, context);
  addBackupCommand(program, context);
  addMigrateToCommand(program, context);

  try {
    await program.parseAsync(args, { from: 'user' });
    return { status: 0, stderr };
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      for (const message of messagesOf(error)) printLine(`error: ${message}`);
      return { status: 1, stderr };
    }
    if (error.exitCode !== 0) return { status: 2, stderr };
    await print(help);
    return { status: 0, stderr };
  }
}

/** Commander quotes unknown options and surplus arguments whole, and one of them may be a password. */
function withoutValues(message: string): string {
  const option = /^(error: unknown option '(?:--[a-z-]*(?=[^a-z-])=?|-[^-])).+'$/s;
  const surplus = /^(error: too many arguments.*? but got \d+).*$/s;
  return message.replace(option, "$1…'").replace(surplus, '$1.');
}

function messagesOf(error: unknown): readonly string[] {
  if (error instanceof CommandError) return error.messages;
  if (error instanceof ConfigError) return error.errors;
  const { message } = error as Error;
  return [error instanceof HttpProblem && error.logReason ? `${message} (${error.logReason})` : message];
}
