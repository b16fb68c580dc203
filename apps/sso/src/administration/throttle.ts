/**
 * `throttle list` and `throttle lift`: show and remove the throttling that follows too many failed sign-ins.
 */
import { sha256 } from '@samesite-sso/core';
import { readEnvironment } from '@samesite-sso/server';
import { limitsOf, parseNetworks } from '../accounts/client-networks.ts';
import { FAILURE_WINDOW_MS } from '../accounts/login-throttle.ts';
import { usernameKey } from '../accounts/username.ts';
import { FAILURE_LIMITS, toFailureLimits } from '../config.ts';
import type { ListedLimit, Stores } from '../storage/stores.ts';
import { CommandError, command } from './command.ts';
import { listing } from './listing.ts';
import { operatorContext, withStores } from './operator.ts';
import { count, iso, second } from './table.ts';

type Row = ListedLimit & {
  /** Null for a name without an account, and for the limit of a network. */
  username: string | null;
};

export const throttleList = command({
  name: 'throttle list',
  takes: [],
  options: {},
  environment: ['SSO_DATABASE', 'SSO_MAX_FAILURES_PER_ACCOUNT', 'SSO_MAX_FAILURES_PER_ADDRESS'],
  purpose: 'list the addresses and accounts that are throttled now',
  details:
    'One account is throttled for one address, or IPv6 network, from which too many sign-ins to it\n' +
    'failed; an address is throttled for everybody there. A name without an account is not shown: it may\n' +
    'be a password.',
  example: 'throttle list',
  async run(environment) {
    const limits = toFailureLimits(readEnvironment(environment, FAILURE_LIMITS));
    return listing(environment, {
      async *pages(stores) {
        const limitsFor = (network: string) => limitsOf(network, limits);
        for await (const page of stores.loginFailures.pages(limitsFor, FAILURE_WINDOW_MS, Date.now())) {
          yield await withUsernames(page, stores);
        }
      },
      headings: ['ADDRESS', 'LIMIT OF', 'USERNAME', 'FAILURES', 'LIMIT', 'UNTIL'],
      cells: ({ network, of, username, failures, maxFailures, until }) => [
        network,
        of,
        username,
        String(failures),
        String(maxFailures),
        second(until),
      ],
      json: ({ network, of, username, failures, maxFailures, until }) => {
        return { address: network, limitOf: of, username, failures, maxFailures, until: iso(until) };
      },
    });
  },
});

export const throttleLift = command({
  name: 'throttle lift',
  takes: ['ADDRESS|USERNAME'],
  options: {},
  environment: ['SSO_DATABASE'],
  purpose: 'forget the failed sign-ins from an address, or to an account',
  details:
    'An IPv6 address stands for its /64, /56 and /48; each of these can be named as `throttle list` shows\n' +
    'it. Of an account, the failures from every address are forgotten. It takes effect at once.',
  example: 'throttle lift 192.0.2.1',
  run: (environment, [name]) =>
    withStores(environment, async ({ accounts, loginFailures }) => {
      const networks = parseNetworks(name);
      const account = (await accounts.find(usernameKey(name))) ?? (await accounts.findById(name));
      if (networks === null && account === null) {
        throw new CommandError(`${name} is neither an address, nor a network of the list, nor an account`);
      }
      const detail = [...(networks ?? []), ...(account === null ? [] : ['the account'])].join(', ');
      const failuresForgotten = await loginFailures.forget(
        {
          ...(networks && { networks }),
          ...(account && { usernameHash: sha256(usernameKey(account.username)) }),
        },
        { accountId: account?.id ?? null, detail },
        operatorContext(),
      );
      return {
        text: `Forgot ${count(failuresForgotten, 'failed sign-in')}.\n`,
        json: { failuresForgotten },
      };
    }),
});

/**
 * Failures are stored under a hash of the username, so this hashes the accounts' usernames to find the names.
 */
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
