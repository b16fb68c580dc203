/** `migrate-to`: moves an app from SQLite to PostgreSQL. docs/several-instances.md has the steps. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import {
  isPostgresUrl,
  keyFileOf,
  nameSealingKeyVariable,
  parseTargetUrl,
  SealingKeys,
  validateDatabasePath,
  validatePath,
} from '@samesite-sso/core';
import type { KeyOptions, SourceOf } from './command-line-keys.ts';

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
      const reason = validateSource(options());
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

/** @returns why the options are wrong, or null */
function validateSource({ database, sealingKeyFile }: KeyOptions): string | null {
  if (database === undefined) return "required option '--database <path>' not specified";
  if (isPostgresUrl(database))
    return 'the database is a PostgreSQL database already; name the SQLite database to move';
  if (sealingKeyFile === undefined) return "required option '--sealing-key-file <path>' not specified";
  const [path, keys] = [validateDatabasePath(database), validatePath(sealingKeyFile)];
  if (path !== null) return `the path of the database ${path}`;
  return keys && `the path of the sealing keys ${keys}`;
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
Never start the app on ${file} again: sessions that have ended since would come back.
${keyFileOf(file)} still has the signing keys, unsealed.
`;
}
