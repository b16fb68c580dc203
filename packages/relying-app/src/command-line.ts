/** The command line `samesite-sso-app`: manages an app's own signing keys while the app runs. */
import { Command, CommanderError, Option } from '@commander-js/extra-typings';
import {
  escapeLine,
  type ListedKey,
  listKeys,
  retireKey,
  rotateKey,
  validateDatabasePath,
} from '@samesite-sso/core';
import { CLIENT_ASSERTION_MAX_SECONDS } from '@samesite-sso/protocol';

/** Must match the plugin: an app's keys sign only client assertions. */
const KEY_TIMES = { tokenSeconds: CLIENT_ASSERTION_MAX_SECONDS };

const RETIRE_HELP = `
A key that was only replaced retires by itself. The signing key can't be retired: rotate first.
Put -- before a kid that starts with a hyphen.`;

export interface Output {
  writeOut(text: string): void;
  writeErr(text: string): void;
}

/**
 * @param args without the program's name
 * @returns the exit code: 0 for success, 1 for a refused change, 2 for a usage error
 */
export async function runCommandLine(args: readonly string[], output: Output): Promise<number> {
  try {
    await createProgram(output).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed its message, or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    output.writeErr(`${escapeLine(`error: ${(error as Error).message}`)}\n`);
    return 1;
  }
}

function createProgram(output: Output) {
  const program = new Command('samesite-sso-app')
    .description("Manages a relying app's signing keys. The app needs no restart.")
    .addOption(
      new Option('--database <path>', "the app's database; its keys are in <path>.keys.json")
        .env('APP_DATABASE')
        .makeOptionMandatory(),
    )
    .option('--json', 'print JSON')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      ...output,
      outputError: (text, write) => write(`${escapeLine(text.trimEnd())}\n`),
    })
    .showSuggestionAfterError(false) // A suggestion would be a second line, which an argument could forge.
    .helpCommand(false)
    .showHelpAfterError('Run it with --help for its usage.')
    .exitOverride();
  // Not when options are parsed: the help must not need a valid APP_DATABASE.
  const database = () => {
    const path = program.opts().database;
    const reason = validateDatabasePath(path);
    return reason === null ? path : program.error(`error: the path of the database ${reason}`);
  };
  const print = (text: string, json: object) =>
    output.writeOut(program.opts().json ? `${JSON.stringify(json, null, 2)}\n` : text);

  const key = program.command('key').helpCommand(false).description('manage the signing keys');
  key
    .command('list')
    .description('list the signing keys, newest first')
    .action(() => {
      const keys = listKeys(database(), KEY_TIMES);
      print(toTable(keys), keys);
    });
  key
    .command('rotate')
    .description('publish a new key, which signs five minutes later, when every cache has it')
    .option('--now', 'sign with the new key at once, and drop a pending one: for when a key has leaked')
    .action(async ({ now = false }) => {
      const added = await rotateKey(database(), { ...KEY_TIMES, immediate: now });
      const from = now ? 'from now on' : `from ${time(added.activeFrom)} and is published now`;
      print(`Added the key ${added.kid}: it signs ${from}.\n`, added);
    });
  key
    .command('retire')
    .description('stop publishing a key that has leaked, and delete it')
    .argument('<kid>')
    .addHelpText('after', RETIRE_HELP)
    .action((kid) => {
      const retired = retireKey(database(), kid, KEY_TIMES);
      print(`Retired the key ${kid}: it is no longer published.\n`, retired);
    });
  return program;
}

function toTable(keys: readonly ListedKey[]): string {
  const rows = keys.map(({ kid, state, createdAt, activeFrom, publishedUntil }) => [
    kid,
    state,
    time(createdAt),
    time(activeFrom),
    publishedUntil === null ? '-' : time(publishedUntil),
  ]);
  return [['KID', 'STATE', 'CREATED', 'ACTIVE FROM', 'PUBLISHED UNTIL'], ...rows]
    .map((cells) => `${cells.map((cell, column) => cell.padEnd([43, 8, 20, 20][column] ?? 0)).join('  ')}\n`)
    .join('');
}

/** ISO 8601 to the second, in UTC. */
function time(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
