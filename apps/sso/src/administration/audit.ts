/** `audit`: the audit trail, filtered. What it holds is in `audit-event.ts`. */
import { normalizeUsername, usernameKey } from '../accounts/username.ts';
import { AUDIT_KINDS, type AuditFilter, type AuditKind, type AuditRecord } from '../storage/audit-store.ts';
import type { Stores } from '../storage/stores.ts';
import { CommandError, command, UsageError } from './command.ts';
import { listing } from './listing.ts';
import { parseWhen } from './parse-time.ts';
import { iso, second } from './table.ts';

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1_000_000;
const HEADINGS = ['TIME', 'WHAT', 'WHO', 'BY', 'FROM', 'APP/SESSION', 'WHY'];

export const audit = command({
  name: 'audit',
  takes: [],
  options: {
    account: {
      value: 'USERNAME',
      purpose: 'of this account, whatever it was called then; its id will do, too',
    },
    kind: { value: 'KIND', purpose: 'of this kind' },
    since: { value: 'WHEN', purpose: 'from then on' },
    until: { value: 'WHEN', purpose: 'before then' },
    limit: { value: 'N', purpose: `the newest N of them; ${DEFAULT_LIMIT} if it is not given` },
  },
  environment: ['SSO_DATABASE'],
  purpose: 'show who did what from where, the newest last',
  details:
    'WHEN is a date or a time of ISO 8601, in UTC where it names no offset, or an age: 90m, 2h, 7d.\n' +
    `KIND is one of\n  ${AUDIT_KINDS.join('\n  ')}`,
  example: "audit --account ada --kind 'login failed' --since 7d",
  async run(environment, _taken, { account, kind, since, until, limit = String(DEFAULT_LIMIT) }) {
    const now = Date.now();
    const filter = {
      ...(kind !== undefined && { kind: asKind(kind) }),
      ...(since !== undefined && { since: parseWhen('since', since, now) }),
      ...(until !== undefined && { until: parseWhen('until', until, now) }),
      limit: asLimit(limit),
    };
    return listing(environment, {
      pages: (stores) => findRecords(stores, filter, account),
      headings: HEADINGS,
      cells,
      json: recordJson,
    });
  },
});

/** @throws {CommandError} when an account is named that neither exists nor is in any record */
async function* findRecords(
  stores: Stores,
  filter: AuditFilter,
  account: string | undefined,
): AsyncGenerator<AuditRecord[]> {
  if (account === undefined) return yield* stores.audit.pages(filter);
  let isFound = false;
  for await (const page of stores.audit.pages({ ...filter, account: await presentName(stores, account) })) {
    isFound = true;
    yield page;
  }
  if (isFound || (await isKnown(stores, account))) return;
  throw new CommandError(`there is no account ${account}, nor any such record of one`);
}

/** However its username was spelled. Of an account that is gone, the trail knows the name. */
async function presentName({ accounts }: Stores, account: string): Promise<string> {
  return (await accounts.find(usernameKey(account)))?.username ?? normalizeUsername(account);
}

async function isKnown({ accounts }: Stores, account: string): Promise<boolean> {
  if ((await accounts.find(usernameKey(account))) !== null) return true;
  return (await accounts.findById(account)) !== null;
}

function cells(record: AuditRecord): (string | null)[] {
  const { at, kind, username, accountId, actor, address, app, sid, detail } = record;
  const what = [app, sid].filter((name) => name !== null).join(' ');
  return [second(at), kind, username ?? accountId, actor, address, what, detail];
}

function recordJson({ at, ...record }: AuditRecord) {
  return { ...record, at: iso(at) };
}

function asKind(text: string): AuditKind {
  const kind = AUDIT_KINDS.find((kind) => kind === text);
  if (kind === undefined) throw new UsageError(`--kind is none of: ${AUDIT_KINDS.join(', ')}`);
  return kind;
}

function asLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= LARGEST_LIMIT) return limit;
  throw new UsageError(`--limit is not a number from 1 to ${LARGEST_LIMIT}`);
}
