/** The diagram's lanes, and the lane of each host, page and origin. Pure. */
import type { Exchange, ProcessName } from '../../../exchange/exchange.ts';
import type { Settings } from '../settings.ts';
import { fieldValue } from './message-fields.ts';

export const lanes = ['page', 'foo', 'lorem', 'sso'] as const;

/** `elsewhere`: another program, such as `curl`. It has no lane: its arrows come from the diagram's edge. */
export type Lane = (typeof lanes)[number] | 'elsewhere';

export const laneNames: Record<Lane, string> = {
  page: 'Page',
  foo: 'Foo’s server',
  lorem: 'Lorem’s server',
  sso: 'SSO service',
  elsewhere: 'Another program',
};

/** Which process listens at a host, such as `127.0.0.1:4000`. */
export type Hosts = ReadonlyMap<string, ProcessName>;

export type Origins = Pick<Settings, 'fooOrigin' | 'loremOrigin' | 'ssoOrigin'>;

/** Servers reach each other at addresses other than their origins, so learn those from received requests. */
export function learnHosts(origins: Origins, exchanges: Iterable<Exchange>): Hosts {
  const hosts = new Map<string, ProcessName>();
  for (const { direction, host, reporter } of exchanges) {
    if (direction === 'received') hosts.set(host, reporter);
  }
  for (const [name, origin] of processOrigins(origins)) hosts.set(new URL(origin).host, name);
  return hosts;
}

/** For an address that isn't known yet, compares ports: each process has its own. */
export function laneOfHost(host: string, hosts: Hosts): Lane {
  const known = hosts.get(host);
  if (known) return known;
  const portOf = (name: string) => /:(\d+)$/.exec(name)?.[1];
  const port = portOf(host);
  const match = port && [...hosts].find(([other]) => portOf(other) === port);
  return match ? match[1] : 'elsewhere';
}

const pageNames: Record<ProcessName, string> = {
  foo: 'Foo’s page',
  lorem: 'Lorem’s page',
  sso: 'Account page',
};

/** Names the page that sent a request, by its `Origin` or, for requests to its own server, by the host. */
export function namePage({ request, host }: Exchange, hosts: Hosts): string {
  const site = fieldValue(request, 'sec-fetch-site');
  if (fieldValue(request, 'sec-fetch-mode') === 'navigate') return 'Browser';
  const origin = fieldValue(request, 'origin');
  const sender = origin ? hostOfOrigin(origin) : site === 'same-origin' ? host : null;
  const process = sender === null ? undefined : hosts.get(sender);
  if (process) return pageNames[process];
  return origin ? `Page of ${origin}` : 'Page';
}

/** Returns the lane of an origin, such as a token's issuer. */
export function laneOfOrigin(origin: unknown, origins: Origins): Lane {
  return processOrigins(origins).find(([, own]) => own === origin)?.[0] ?? 'elsewhere';
}

function processOrigins({ fooOrigin, loremOrigin, ssoOrigin }: Origins) {
  return [
    ['foo', fooOrigin],
    ['lorem', loremOrigin],
    ['sso', ssoOrigin],
  ] as const;
}

/** Returns null for an opaque origin, which is `null` in the header. */
function hostOfOrigin(origin: string): string | null {
  return URL.parse(origin)?.host ?? null;
}
