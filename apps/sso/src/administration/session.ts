/** `session list` and `session end`: who is signed in, from where, and no longer. */
import { deviceOf } from '../sessions/device.ts';
import type { ListedSession, SessionChoice, Stores } from '../storage/stores.ts';
import { command, Misused, Refused } from './command.ts';
import { findAccount, operatorAct, withStores } from './operator.ts';
import { count, iso, minute, table } from './table.ts';

const environment = ['SSO_DATABASE'] as const;

export const sessionList = command({
  name: 'session list',
  takes: ['[USERNAME]'],
  options: {},
  environment,
  purpose: 'list the SSO sessions of all accounts, or of one, the last used first',
  example: 'session list ada',
  run: (environment, [username]) =>
    withStores(environment, async (stores) => {
      const account = username === undefined ? undefined : await findAccount(stores, username);
      const sessions = await stores.sessions.list(account?.id);
      return { text: sessionTable(sessions), json: sessions.map(sessionJson) };
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
    'The running SSO service tells the apps within seconds.',
  example: 'session end 3c2a4b52-5f0a-4c39-9d3f-2a0f0d3f7b11',
  run(environment, sids, { account: username, all }) {
    const ways = [sids.length > 0, username !== undefined, all === true].filter(Boolean).length;
    if (ways !== 1) throw new Misused('it takes one of SID, --account and --all');
    return withStores(environment, async (stores) => {
      const choice = all ? ({ all } as const) : await choose(stores, sids, username);
      const sessionsEnded = await stores.sessions.end(choice, 'ended by an operator', operatorAct());
      return { text: `${count(sessionsEnded, 'session')} ended.\n`, json: { sessionsEnded } };
    });
  },
});

/** @throws {Refused} naming each session that there is not, or the account */
async function choose(
  stores: Stores,
  sids: readonly string[],
  username: string | undefined,
): Promise<SessionChoice> {
  if (username !== undefined) return { accountId: (await findAccount(stores, username)).id };
  const unknown: string[] = [];
  for (const sid of sids) if ((await stores.sessions.findBySid(sid)) === null) unknown.push(sid);
  if (unknown.length > 0) throw new Refused(unknown.map((sid) => `there is no session ${sid}`));
  return { sids };
}

/** What may be long stands last, so that it moves nothing. */
export function sessionTable(sessions: readonly ListedSession[]): string {
  const rows = sessions.map(({ sid, account, startedAt, lastSeenAt, endsAt, address, apps, userAgent }) => [
    sid,
    account.username,
    deviceOf(userAgent),
    address,
    minute(startedAt),
    minute(lastSeenAt),
    minute(endsAt),
    apps.join(' '),
  ]);
  return table(['SID', 'USERNAME', 'DEVICE', 'FROM', 'STARTED', 'LAST SEEN', 'ENDS', 'APPS'], rows);
}

/** A session as programs are told of it. */
export function sessionJson({ sid, account, startedAt, lastSeenAt, endsAt, ...session }: ListedSession) {
  const { address, userAgent, apps } = session;
  const times = { startedAt: iso(startedAt), lastSeenAt: iso(lastSeenAt), endsAt: iso(endsAt) };
  return { sid, account, ...times, address, userAgent, apps };
}
