/** `session list` and `session end`: who is signed in, from where, and no longer. */
import { setTimeout as pause } from 'node:timers/promises';
import { describeDevice } from '../sessions/device.ts';
import { REST_MS } from '../storage/sqlite/slices.ts';
import type { ListedSession, SessionChoice, Stores } from '../storage/stores.ts';
import { CommandError, command, UsageError } from './command.ts';
import { listing } from './listing.ts';
import { findAccount, operatorContext, withStores } from './operator.ts';
import { count, iso, minute } from './table.ts';

const environment = ['SSO_DATABASE'] as const;
const WHY = 'ended by an operator';

export const sessionList = command({
  name: 'session list',
  takes: ['[USERNAME]'],
  options: {},
  environment,
  purpose: 'list the SSO sessions of all accounts, or of one, the last used first',
  details:
    'A session that is used while a long list is printed moves to the front and may be missing further down.',
  example: 'session list ada',
  run: async (environment, [username]) =>
    listing(environment, {
      async *pages(stores) {
        const account = username === undefined ? undefined : await findAccount(stores, username);
        yield* stores.sessions.pages(account?.id);
      },
      headings: SESSION_HEADINGS,
      cells: sessionCells,
      json: sessionJson,
    }),
});

export const sessionEnd = command({
  name: 'session end',
  takes: ['[SID...]'],
  options: {
    account: { value: 'USERNAME', purpose: 'all sessions of this account' },
    all: { purpose: 'all sessions of everybody' },
  },
  environment,
  purpose: 'end SSO sessions, and with them the app sessions that hang on them',
  details:
    'Takes the ids that `session list` shows, or --account, or --all. If an id is unknown, none is ended.\n' +
    'Named sessions, or those of one account, end all together or not at all. With --all they end in\n' +
    'slices, so that the service goes on meanwhile; a failure says how many have ended, and the same\n' +
    'command ends the rest.\n' +
    'The running SSO service tells the apps within seconds.',
  example: 'session end 3c2a4b52-5f0a-4c39-9d3f-2a0f0d3f7b11',
  run(environment, sids, { account: username, all }) {
    const ways = [sids.length > 0, username !== undefined, all === true].filter(Boolean).length;
    if (ways !== 1) throw new UsageError('it takes one of SID, --account and --all');
    return withStores(environment, async (stores) => {
      const sessionsEnded = all
        ? await endAll(stores)
        : await stores.sessions.end(await choose(stores, sids, username), WHY, operatorContext());
      return { text: `${count(sessionsEnded, 'session')} ended.\n`, json: { sessionsEnded } };
    });
  },
});

/** @throws {CommandError} saying how many sessions had ended by then */
async function endAll({ sessions }: Stores): Promise<number> {
  let ended = 0;
  try {
    for await (const endedInSlice of sessions.endAll(WHY, operatorContext())) {
      ended += endedInSlice;
      await pause(REST_MS);
    }
    return ended;
  } catch (error) {
    if (ended === 0) throw error;
    throw new CommandError(`only ${count(ended, 'session')} ended: ${(error as Error).message}`);
  }
}

/** @throws {CommandError} naming each session that there is not, or the account */
async function choose(
  stores: Stores,
  sids: readonly string[],
  username: string | undefined,
): Promise<SessionChoice> {
  if (username !== undefined) return { accountId: (await findAccount(stores, username)).id };
  const unknown: string[] = [];
  for (const sid of sids) if ((await stores.sessions.findBySid(sid)) === null) unknown.push(sid);
  if (unknown.length > 0) throw new CommandError(unknown.map((sid) => `there is no session ${sid}`));
  return { sids };
}

/** What may be long stands last, so that it moves nothing. */
export const SESSION_HEADINGS = ['SID', 'USERNAME', 'DEVICE', 'FROM', 'STARTED', 'LAST SEEN', 'ENDS', 'APPS'];

export function sessionCells(session: ListedSession): (string | null)[] {
  const { sid, account, device, userAgent, address, startedAt, lastSeenAt, endsAt, apps } = session;
  return [
    sid,
    account.username,
    device ?? describeDevice(userAgent),
    address,
    minute(startedAt),
    minute(lastSeenAt),
    minute(endsAt),
    apps.join(' '),
  ];
}

/** A session as programs are told of it. */
export function sessionJson({ sid, account, startedAt, lastSeenAt, endsAt, ...session }: ListedSession) {
  const { address, userAgent, apps } = session;
  const times = { startedAt: iso(startedAt), lastSeenAt: iso(lastSeenAt), endsAt: iso(endsAt) };
  return { sid, account, ...times, address, userAgent, apps };
}
