/** The command line `samesite-sso-app`: manages an app's own signing keys while the app runs. */
import { Command, CommanderError, Option } from '@commander-js/extra-typings';
import {
  ConfigError,
  describeError,
  escapeLine,
  type KeyStore,
  type ListedKey,
  listKeys,
  resealKeys,
  retireKey,
  rotateKey,
} from '@samesite-sso/core';
import { CLIENT_ASSERTION_MAX_SECONDS } from '@samesite-sso/protocol';
import { type SourceOf, validateKeyOptions, withKeys } from './command-line-keys.ts';
import { addMigrateToCommand } from './command-line-migrate.ts';

/** Must match the plugin: an app's keys sign only client assertions. */
const KEY_TIMES = { tokenSeconds: CLIENT_ASSERTION_MAX_SECONDS };

const RESEAL_HELP = `
The other keys in that file can be removed afterwards. To change the sealing key while the app runs:
add the new key as the second line and restart all instances; make it the first line and restart them again;
reseal; remove the old line and restart them once more.`;

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
    const messages = error instanceof ConfigError ? error.errors : [describeError(error)];
    for (const message of messages) output.writeErr(`${escapeLine(`error: ${message}`)}\n`);
    return 1;
  }
}

function createProgram(output: Output) {
  const program = new Command('samesite-sso-app')
    .description("Manages a relying app's signing keys. The app needs no restart.")
    .addOption(
      new Option(
        '--database <path>',
        "the app's database: a path (keys: <path>.keys.json), or a postgres:// URL without a password",
      ).env('APP_DATABASE'),
    )
    .addOption(
      new Option('--sealing-key-file <path>', 'the sealing keys of a PostgreSQL database').env(
        'APP_SEALING_KEY_FILE',
      ),
    )
    .option('--key-file <path>', 'the keys of an app with a store of its own, in place of --database')
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
  const sourceOf: SourceOf = (option) =>
    program.getOptionValueSource(option) === 'cli' ? 'option' : 'variable';
  const openKeys = <Result>(work: (keys: KeyStore) => Promise<Result>) => {
    // Validated here and not while parsing, so that the help works with an invalid APP_DATABASE.
    const reason = validateKeyOptions(program.opts(), sourceOf);
    if (reason !== null) return program.error(`error: ${reason}`);
    return withKeys(program.opts(), sourceOf, work);
  };
  const print = (text: string, json: object) =>
    output.writeOut(program.opts().json ? `${JSON.stringify(json, null, 2)}\n` : text);

  addMigrateToCommand(program, {
    options: () => program.opts(),
    sourceOf,
    print,
    warn: (message) => output.writeErr(`${escapeLine(`warning: ${message}`)}\n`),
  });
  const key = program.command('key').helpCommand(false).description('manage the signing keys');
  key
    .command('list')
    .description('list the signing keys, newest first')
    .action(async () => {
      const keys = await openKeys((store) => listKeys(store, KEY_TIMES));
      print(toTable(keys), keys);
    });
  key
    .command('rotate')
    .description('publish a new key now, and sign with it after five or six minutes, when every cache has it')
    .option('--now', 'sign with the new key at once, and drop a pending one: for when a key has leaked')
    .action(async ({ now = false }) => {
      const added = await openKeys((store) => rotateKey(store, { ...KEY_TIMES, immediate: now }));
      const from = now ? 'from now on' : `from ${time(added.activeFrom)} and is published now`;
      print(`Added the key ${added.kid}: it signs ${from}.\n`, added);
    });
  key
    .command('retire')
    .description('stop publishing a key that has leaked, and delete it')
    .argument('<kid>')
    .addHelpText('after', RETIRE_HELP)
    .action(async (kid) => {
      const retired = await openKeys((store) => retireKey(store, kid, KEY_TIMES));
      print(`Retired the key ${kid}: it is no longer published.\n`, retired);
    });
  key
    .command('reseal')
    .description('seal the keys in a PostgreSQL database with the first key in the file of sealing keys')
    .addHelpText('after', RESEAL_HELP)
    .action(async () => {
      const result = await openKeys(resealKeys);
      const { resealed, total } = result;
      const keys = total === 1 ? 'key' : 'keys';
      print(`Resealed ${resealed} of ${total} ${keys}: the first sealing key opens all of them.\n`, result);
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
