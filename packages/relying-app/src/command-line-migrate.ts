/** `migrate-to`: moves an app from SQLite to PostgreSQL. docs/several-instances.md has the steps. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import {
  isPostgresUrl,
  keyFileOf,
  nameSealingKeyVariable,
  parseTargetUrl,
  SealingKeys,
} from '@samesite-sso/core';
import { type KeyOptions, type SourceOf, validateKeyOptions } from './command-line-keys.ts';

const HELP = `
Stop the app first. Nobody is signed out.
The new database must be empty. The URL must not have a password, since every process list would show it: put
the password into the file that PGPASSFILE names.
--database names the SQLite database, and --sealing-key-file the keys that seal the app's signing keys.`;

interface Context {
  options: () => KeyOptions;
  sourceOf: SourceOf;
  print: (text: string, json: object) => void;
  warn: (message: string) => void;
}

export function addMigrateToCommand(program: CommandUnknownOpts, context: Context): void {
  const { options, sourceOf, print, warn } = context;
  program
    .command('migrate-to')
    .description('move a SQLite database and its keys to PostgreSQL, while the app is stopped')
    .argument('<url>', 'the new database, such as postgres://user@host/database')
    .addHelpText('after', HELP)
    .action(async (url) => {
      const { database = '', sealingKeyFile = '' } = options();
      const reason = validateSource(options(), sourceOf);
      if (reason !== null) program.error(`error: ${reason}`);
      const target = parseTargetUrl(url);
      const name = sourceOf('sealingKeyFile') === 'option' ? '--sealing-key-file' : 'APP_SEALING_KEY_FILE';
      // Imported here, so that the other commands don't load the storage of both engines.
      const { moveStore } = await import('./storage/moving/move-store.ts');
      const { tables, warnings } = await nameSealingKeyVariable(name, async () =>
        moveStore(database, target, SealingKeys.read(sealingKeyFile)),
      );
      print(toTable(tables) + nextSteps(database, url), { from: database, to: url, tables });
      for (const warning of warnings) warn(warning);
    });
}

/**
 * @returns why the options are wrong, or null
 * @throws {ConfigError} naming the variable that is wrong
 */
function validateSource({ database, sealingKeyFile }: KeyOptions, sourceOf: SourceOf): string | null {
  const isUrl = database !== undefined && isPostgresUrl(database);
  if (isUrl) return 'the database is a PostgreSQL database already; name the SQLite database to move';
  const reason = validateKeyOptions({ database, sealingKeyFile }, sourceOf);
  if (reason !== null || sealingKeyFile !== undefined) return reason;
  return "required option '--sealing-key-file <path>' not specified";
}

function toTable(tables: readonly { table: string; rows: number }[]): string {
  const rows = tables.map(({ table, rows }) => [table, String(rows), String(rows)]);
  return [['TABLE', 'SQLITE', 'POSTGRESQL'], ...rows]
    .map(([table = '', before = '', after]) => `${table.padEnd(16)}  ${before.padEnd(9)}  ${after}\n`)
    .join('');
}

function nextSteps(file: string, url: string): string {
  return `
Moved everything from ${file}. Nobody is signed out.
Next, set APP_DATABASE=${url} and start the app with the same APP_SEALING_KEY_FILE.
Never start the app on ${file} again: sessions that have ended since would come back. It is
marked, so the app refuses it.
${keyFileOf(file)} still has the signing keys, unsealed.
`;
}
