/** `audit`: shows the audit trail, filtered. `../../storage/audit-store.ts` says what it records. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { normalizeUsername, usernameKey } from '../../accounts/username.ts';
import { AUDIT_KINDS, type AuditFilter, type AuditRecord } from '../../storage/audit-store.ts';
import type { Stores } from '../../storage/stores.ts';
import { type AddCommands, CommandError } from '../command.ts';
import { parseTime } from '../parse-time.ts';
import { formatSecond, iso } from '../table.ts';

const DEFAULT_MAX_RECORDS = 100;
const MAX_RECORDS = 1_000_000;

export const addAuditCommand: AddCommands = (program, { list }) => {
  program
    .command('audit')
    .description('show who did what from where, the newest record last')
    .option('--account <username>', 'only records of this account: its username then or now, or its id')
    .addOption(new Option('--kind <kind>', 'only records of this kind').choices(AUDIT_KINDS))
    .option('--since <time>', 'only records from this time on', (text) => parseTime(text))
    .option('--until <time>', 'only records before this time', (text) => parseTime(text))
    .option('--limit <n>', 'only the newest n records', parseLimit, DEFAULT_MAX_RECORDS)
    .addHelpText(
      'after',
      '\nTimes are ISO 8601, in UTC unless they have an offset, or ages such as 90m, 2h and 7d.',
    )
    .action(({ account, ...filter }) =>
      list({
        pages: (stores) => findRecords(stores, filter, account),
        headings: ['TIME', 'WHAT', 'WHO', 'BY', 'FROM', 'APP/SESSION', 'WHY'],
        cells,
        json: ({ at, ...record }) => ({ ...record, at: iso(at) }),
      }),
    );
};

/** @throws {CommandError} if the account neither exists nor appears in a record */
async function* findRecords(
  stores: Stores,
  filter: AuditFilter,
  account: string | undefined,
): AsyncGenerator<AuditRecord[]> {
  if (account === undefined) return yield* stores.audit.pages(filter);
  const { accounts, audit } = stores;
  const found = await accounts.find(usernameKey(account));
  let isKnown = found !== null || (await accounts.findById(account)) !== null;
  // The username in its current spelling. The trail keeps the last one of an account that was removed.
  const username = found?.username ?? normalizeUsername(account);
  for await (const page of audit.pages({ ...filter, account: username })) {
    isKnown = true;
    yield page;
  }
  if (!isKnown) throw new CommandError(`account ${account} not found, and no matching record names it`);
}

function cells(record: AuditRecord): (string | null)[] {
  const { at, kind, username, accountId, actor, address, app, sid, detail } = record;
  const what = [app, sid].filter((name) => name !== null).join(' ');
  return [formatSecond(at), kind, username ?? accountId, actor, address, what, detail];
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MAX_RECORDS) return limit;
  throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_RECORDS}.`);
}
