/** The throttle commands: they list and lift the limits that follow too many failed sign-ins. */
import { sha256 } from '@samesite-sso/core';
import { readEnvironment } from '@samesite-sso/server/config';
import { limitsOf, parseNetworks } from '../../accounts/client-networks.ts';
import { FAILURE_WINDOW_MS } from '../../accounts/login-throttle.ts';
import { usernameKey } from '../../accounts/username.ts';
import { FAILURE_LIMITS, toFailureLimits } from '../../config.ts';
import type { ListedLimit, Stores } from '../../storage/stores.ts';
import { type AddCommands, CommandError, lookUpAccount, operatorContext } from '../command.ts';
import { formatCount, formatSecond, iso } from '../table.ts';

type Row = ListedLimit & {
  /** Null for a username without an account, and for the limit of a network. */
  username: string | null;
};

export const addThrottleCommands: AddCommands = (group, { environment, withStores, report, list }) => {
  group
    .command('list')
    .description('list the addresses and accounts that are throttled now')
    .addHelpText(
      'after',
      `
An account is throttled for one address or IPv6 network after too many failed sign-ins from there. An address
is throttled for all accounts. After 10 wrong codes from any addresses, the account's codes are refused from
every address.
Limits of passkeys and of usernames without an account are shown without a name: such a username may be a
password.`,
    )
    .action(async () => {
      const limits = toFailureLimits(readEnvironment(environment, FAILURE_LIMITS));
      await list({
        async *pages(stores) {
          const limitsFor = (network: string) => limitsOf(network, limits);
          for await (const page of stores.loginFailures.pages(limitsFor, FAILURE_WINDOW_MS, Date.now())) {
            yield await withUsernames(page, stores);
          }
        },
        headings: ['ADDRESS', 'LIMIT OF', 'USERNAME', 'FAILURES', 'LIMIT', 'UNTIL'],
        cells: (row) => [
          row.network,
          row.of,
          row.username,
          row.failures,
          row.maxFailures,
          formatSecond(row.until),
        ],
        json: ({ network, of, username, failures, maxFailures, until }) => {
          return { address: network, limitOf: of, username, failures, maxFailures, until: iso(until) };
        },
      });
    });

  group
    .command('lift')
    .description('forget the failed sign-ins from an address or to an account')
    .argument('<address-or-username>')
    .addHelpText(
      'after',
      `
An IPv6 address stands for its /64, /56 and /48 networks. One of them can be given as throttle list shows it.
For an account, failures from all addresses are forgotten, except those with its passkeys: they count for the
passkey, and only lifting the address ends them. The change takes effect at once.`,
    )
    .action((name) =>
      withStores(async (stores) => {
        const networks = parseNetworks(name);
        const account = await lookUpAccount(stores, name);
        if (networks === null && account === null) {
          throw new CommandError(
            `${name} isn't an address, a network that throttle list shows, or an account`,
          );
        }
        const detail = [...(networks ?? []), ...(account === null ? [] : ['the account'])].join(', ');
        const failuresForgotten = await stores.loginFailures.forget(
          {
            ...(networks && { networks }),
            ...(account && { usernameHash: sha256(usernameKey(account.username)) }),
          },
          { accountId: account?.id ?? null, detail },
          operatorContext(),
        );
        await report(`Forgot ${formatCount(failuresForgotten, 'failed sign-in')}.\n`, { failuresForgotten });
      }),
    );
};

/** Failures are stored under a hash of the username, so this hashes all usernames to find the names. */
async function withUsernames(limits: readonly ListedLimit[], { accounts }: Stores): Promise<Row[]> {
  const keyOf = (hash: Buffer) => hash.toString('base64');
  const wanted = new Set(limits.flatMap(({ usernameHash }) => (usernameHash ? [keyOf(usernameHash)] : [])));
  const usernames = new Map<string, string>();
  if (wanted.size > 0) {
    for await (const page of accounts.pages()) {
      for (const { username } of page) {
        const key = keyOf(sha256(usernameKey(username)));
        if (wanted.has(key)) usernames.set(key, username);
      }
    }
  }
  return limits.map((limit) => {
    const { usernameHash } = limit;
    return { ...limit, username: (usernameHash && usernames.get(keyOf(usernameHash))) ?? null };
  });
}
