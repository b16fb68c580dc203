/** The session commands: who is signed in from where. */
import { Option } from '@commander-js/extra-typings';
import { describeDevice } from '../../sessions/device.ts';
import type { ListedSession, SessionChoice, Stores } from '../../storage/stores.ts';
import { type AddCommands, CommandError, findAccount, operatorContext } from '../command.ts';
import { formatCount, formatMinute, iso } from '../table.ts';

const REASON = 'ended by an operator';

const END_HELP = `
With session ids or --account, all of the sessions end or none. If an id is unknown, none ends.
With --all they end in slices, so that the service can go on in between. An error says how many have ended;
repeat the command to end the rest.
The running SSO service signs people out of the apps within seconds.`;

export const addSessionCommands: AddCommands = (group, { withStores, report, list }) => {
  group
    .command('list')
    .description('list the SSO sessions of all accounts or of one, the last used first')
    .argument('[username]')
    .addHelpText(
      'after',
      '\nA session that is used while a long list is printed moves to the front, so the list may miss it.',
    )
    .action((username) =>
      list({
        async *pages(stores) {
          const account = username === undefined ? undefined : await findAccount(stores, username);
          yield* stores.sessions.pages(account?.id);
        },
        headings: SESSION_HEADINGS,
        cells: sessionCells,
        json: sessionJson,
      }),
    );

  group
    .command('end')
    .description('end SSO sessions and the app sessions that belong to them')
    .argument('[sids...]', 'session ids, as session list shows them')
    .option('--account <username>', 'all sessions of an account')
    .addOption(new Option('--all', 'all sessions of all accounts').conflicts('account'))
    .addHelpText('after', END_HELP)
    .action(async (sids, { account: username, all }, command) => {
      if (sids.length > 0 === (username !== undefined || all === true)) {
        command.error("error: specify session ids, '--account', or '--all'");
      }
      await withStores(async (stores) => {
        const sessionsEnded = all
          ? await endAll(stores)
          : await stores.sessions.end(await choose(stores, sids, username), REASON, operatorContext());
        await report(`${formatCount(sessionsEnded, 'session')} ended.\n`, { sessionsEnded });
      });
    });
};

/** @throws {CommandError} with the number of sessions that had ended before the failure */
async function endAll({ sessions }: Stores): Promise<number> {
  let ended = 0;
  try {
    for await (const endedInSlice of sessions.endAll(REASON, operatorContext())) ended += endedInSlice;
    return ended;
  } catch (error) {
    if (ended === 0) throw error;
    throw new CommandError(`only ${formatCount(ended, 'session')} ended: ${(error as Error).message}`);
  }
}

/** @throws {CommandError} with every session id that is unknown */
async function choose(
  stores: Stores,
  sids: readonly string[],
  username: string | undefined,
): Promise<SessionChoice> {
  if (username !== undefined) return { accountId: (await findAccount(stores, username)).id };
  const unknown: string[] = [];
  for (const sid of sids) if ((await stores.sessions.findBySid(sid)) === null) unknown.push(sid);
  if (unknown.length > 0) throw new CommandError(...unknown.map((sid) => `session ${sid} not found`));
  return { sids };
}

/** The longest cells come last, so that they don't shift the other columns. */
export const SESSION_HEADINGS = ['SID', 'USERNAME', 'DEVICE', 'FROM', 'STARTED', 'LAST SEEN', 'ENDS', 'APPS'];

export function sessionCells(session: ListedSession): (string | null)[] {
  const { sid, account, device, userAgent, address, startedAt, lastSeenAt, endsAt, apps } = session;
  return [
    sid,
    account.username,
    device ?? describeDevice(userAgent),
    address,
    formatMinute(startedAt),
    formatMinute(lastSeenAt),
    formatMinute(endsAt),
    apps.join(' '),
  ];
}

/** A session as JSON. */
export function sessionJson({ sid, account, startedAt, lastSeenAt, endsAt, ...session }: ListedSession) {
  const { address, userAgent, apps } = session;
  const times = { startedAt: iso(startedAt), lastSeenAt: iso(lastSeenAt), endsAt: iso(endsAt) };
  return { sid, account, ...times, address, userAgent, apps };
}
