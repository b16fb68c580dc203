/**
 * Turns exchanges into the diagram's arrows. Both servers report a request between them, so two reports with
 * the same client port, method and path at the same time are one arrow. Pure.
 */
import type { Exchange } from '../../../exchange/exchange.ts';
import { type Exchanges, orderByStart } from './exchanges.ts';
import type { Origins } from './lanes.ts';
import { type Hosts, type Lane, laneNames, laneOfHost, laneOfOrigin, learnHosts, namePage } from './lanes.ts';
import { findPreflights, type PreflightUse } from './missing-preflights.ts';

export interface Arrow {
  /** The id of the report that arrived first, so that it doesn't change when the other arrives. */
  id: string;
  from: Lane;
  to: Lane;
  /** Such as `Foo’s page`, or the host of an unknown server. */
  sender: string;
  recipient: string;
  startedAt: number;
  /** Null while there is no response. */
  endedAt: number | null;
  /** As its sender reported it. Null for requests of pages. */
  sent: Exchange | null;
  /** As its recipient reported it. */
  received: Exchange | null;
  preflight: PreflightUse;
}

/** `startedAt` may be rounded to milliseconds. */
const CLOCK_TOLERANCE_MS = 2;

/** Returns the arrows in the order in which they started. */
export function toArrows(exchanges: Exchanges, origins: Origins): Arrow[] {
  const ordered = orderByStart(exchanges);
  const hosts = learnHosts(origins, ordered);
  const preflights = findPreflights(ordered);
  const arrivals = new Map([...exchanges.keys()].map((id, index) => [id, index]));
  const arrivalOf = ({ id }: Exchange) => arrivals.get(id) ?? 0;

  const counterparts = pairReports(ordered);
  const paired = new Set(counterparts.values());
  return ordered.flatMap((exchange): Arrow[] => {
    const { id, direction } = exchange;
    if (direction === 'received' && paired.has(exchange)) return [];
    const sent = direction === 'sent' ? exchange : null;
    const received = sent ? (counterparts.get(sent) ?? null) : exchange;
    const isLater = sent && received && arrivalOf(received) < arrivalOf(sent);
    const ends = endsOf({ sent, received }, hosts, origins);
    return [
      {
        id: isLater ? received.id : id,
        ...ends,
        startedAt: exchange.startedAt,
        endedAt: endOf(exchange) ?? (received && endOf(received)),
        sent,
        received,
        preflight: preflights.get(id) ?? { kind: 'none' },
      },
    ];
  });
}

/** Maps the sender's report of a request between servers to the recipient's, if both have arrived. */
function pairReports(exchanges: readonly Exchange[]): Map<Exchange, Exchange> {
  const unpaired = new Set(exchanges.filter(isReceivedFromServer));
  const counterparts = new Map<Exchange, Exchange>();
  for (const sent of exchanges) {
    if (sent.direction !== 'sent') continue;
    const candidates = [...unpaired].filter((received) => isSameRequest(sent, received));
    const distance = ({ startedAt }: Exchange) => Math.abs(startedAt - sent.startedAt);
    const [nearest] = candidates.sort((a, b) => distance(a) - distance(b));
    if (!nearest) continue;
    counterparts.set(sent, nearest);
    unpaired.delete(nearest);
  }
  return counterparts;
}

const isReceivedFromServer = ({ direction, client }: Exchange) =>
  direction === 'received' && client === 'server';

function isSameRequest(sent: Exchange, received: Exchange): boolean {
  const isPortKnown = sent.clientPort !== null && received.clientPort !== null;
  return (
    sent.reporter !== received.reporter &&
    sent.method === received.method &&
    sent.path === received.path &&
    (!isPortKnown || sent.clientPort === received.clientPort) &&
    startsBeforeEndOf(sent, received) &&
    startsBeforeEndOf(received, sent)
  );
}

function startsBeforeEndOf(first: Exchange, second: Exchange): boolean {
  return first.startedAt <= (endOf(second) ?? Number.POSITIVE_INFINITY) + CLOCK_TOLERANCE_MS;
}

function endOf({ startedAt, durationMs }: Exchange): number | null {
  return durationMs === null ? null : startedAt + durationMs;
}

type Ends = Pick<Arrow, 'from' | 'to' | 'sender' | 'recipient'>;

function endsOf({ sent, received }: Pick<Arrow, 'sent' | 'received'>, hosts: Hosts, origins: Origins): Ends {
  if (received?.client === 'browser') {
    const to = received.reporter;
    return { from: 'page', to, sender: namePage(received, hosts), recipient: laneNames[to] };
  }
  const from = sent?.reporter ?? (received ? guessSender(received, origins) : 'elsewhere');
  const to = received?.reporter ?? (sent ? laneOfHost(sent.host, hosts) : 'elsewhere');
  const recipient = to === 'elsewhere' && sent ? sent.host : laneNames[to];
  return { from, to, sender: laneNames[from], recipient };
}

/** Before the sender's report arrives, the issuer of a valid token tells who the sender is. */
function guessSender({ reporter, request }: Exchange, origins: Origins): Lane {
  const [issuer] = request.tokens.filter(({ signature }) => signature === 'valid').slice(-1);
  const lane = laneOfOrigin(issuer?.claims['iss'], origins);
  return lane === reporter ? 'elsewhere' : lane;
}
