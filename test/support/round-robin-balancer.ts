/**
 * A load balancer in front of instances on this machine. It treats requests as nginx does with
 * `scripts/containers/nginx.conf`: instances take turns, each request gets a connection of its own, a request
 * that couldn't be sent goes to the next instance, and one that was sent is never sent again. It forgets
 * failures, so that an instance gets requests as soon as it listens.
 *
 * Unlike nginx's open edition, it asks each instance whether it is ready, and prefers those that are. If none
 * is, it sends requests all the same: docs/several-instances.md says why ("The load balancer").
 *
 * It records every request and its outcome.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { statusOf } from '../../scripts/site/readiness.ts';
import type { AtEnd } from './at-end.ts';
import { listen } from './listen.ts';

/** Several checks fit into the 200 ms that an instance without requests goes on after announcing its end. */
const CHECK_PAUSE_MS = 50;

export interface BalancedRequest {
  readonly method: string;
  readonly path: string;
  /** What the SSO service's cross-origin endpoint is asked for. */
  readonly kind: string | null;
  /** Whether one of our servers sent it, and not the test. */
  readonly isFromServer: boolean;
  /** The index of the instance that got it. Null if none could be reached. */
  readonly instance: number | null;
  /** As `performance.now()` counts. */
  readonly sentAtMs: number;
  /** `lost`: the instance ended the connection without a complete response. */
  outcome: 'pending' | 'answered' | 'lost' | 'abandoned by its client';
  /** 0 without a response. */
  status: number;
  /** Until the response was complete. */
  milliseconds: number;
}

export interface RoundRobinBalancer {
  readonly requests: readonly BalancedRequest[];
  /** By the index of the instance. */
  readonly isReady: readonly boolean[];
  /** How often an instance didn't accept a connection for a request. */
  refusalCount: number;
  /**
   * Whether clients get no response instead of a 503. In both cases the change may have been made, but the
   * consistency checkers expect that only of a request without a response.
   */
  withholdsUnavailable: boolean;
  /** Called when a request has been sent, and when it was answered, before its client gets the response. */
  onProgress: (request: BalancedRequest) => void;
}

/** @param ports of the instances, each on 127.0.0.1 */
export async function startBalancer(
  port: number,
  ports: readonly number[],
  atEnd: AtEnd,
): Promise<RoundRobinBalancer> {
  const requests: BalancedRequest[] = [];
  let turn = 0;

  const isReady = ports.map(() => true);
  const balancer: RoundRobinBalancer = {
    requests,
    isReady,
    refusalCount: 0,
    withholdsUnavailable: false,
    onProgress: () => {},
  };
  let isEnding = false;
  atEnd(() => {
    isEnding = true;
  });
  const watch = async (instance: number) => {
    const url = new URL(`http://127.0.0.1:${ports[instance]}/readyz`);
    while (!isEnding) {
      isReady[instance] = (await statusOf(url, null)) === 200;
      await delay(CHECK_PAUSE_MS);
    }
  };
  for (const instance of ports.keys()) void watch(instance);

  /** Connects to the next instance that accepts a connection. Those that aren't ready come last. */
  const connectToNext = async (): Promise<[instance: number | null, socket: Socket | null]> => {
    turn += 1;
    const first = turn;
    const inTurn = ports.map((_, offset) => (first + offset) % ports.length);
    const ready = inTurn.filter((instance) => isReady[instance]);
    for (const instance of new Set([...ready, ...inTurn])) {
      const socket = await connectTo(ports[instance] ?? 0);
      if (socket !== null) return [instance, socket];
      balancer.refusalCount += 1;
    }
    return [null, null];
  };

  const balance = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await buffer(incoming);
    const [instance, socket] = await connectToNext();
    const { method = '', url: path = '', headers, rawHeaders } = incoming;
    const isFromServer = headers['user-agent'] !== undefined;
    const kind = path === '/' ? kindOf(body) : null;
    const about = { method, path, kind, isFromServer, instance, sentAtMs: performance.now() };
    const record: BalancedRequest = { ...about, outcome: 'pending', status: 0, milliseconds: 0 };
    requests.push(record);
    const settle = (outcome: BalancedRequest['outcome']) => {
      if (record.outcome === 'pending') record.outcome = outcome;
    };
    // The client doesn't learn the outcome, as with nginx's 502.
    const lose = () => {
      settle('lost');
      outgoing.destroy();
    };
    if (socket === null) return lose();
    outgoing.on('close', () => {
      settle('abandoned by its client');
      socket.destroy();
    });
    const sent = sendRequest({
      method,
      path,
      headers: [...withoutConnection(rawHeaders), 'X-Forwarded-For', '127.0.0.1', 'Connection', 'close'],
      createConnection: () => socket,
    });
    sent.on('error', lose);
    sent.on('response', async (response: IncomingMessage) => {
      try {
        const content = await buffer(response);
        record.status = response.statusCode ?? 0;
        record.milliseconds = performance.now() - about.sentAtMs;
        settle('answered');
        balancer.onProgress(record);
        if (record.status === 503 && balancer.withholdsUnavailable) return void outgoing.destroy();
        outgoing.writeHead(record.status, withoutConnection(response.rawHeaders)).end(content);
      } catch {
        lose();
      }
    });
    sent.end(body, () => balancer.onProgress(record));
  };

  const server = createServer((incoming, outgoing) => {
    balance(incoming, outgoing).catch(() => outgoing.destroy()); // Its client is gone.
  });
  atEnd((await listen(server, port)).close);
  return balancer;
}

function kindOf(body: Buffer): string | null {
  try {
    return String(JSON.parse(body.toString()).request);
  } catch {
    return null;
  }
}

async function connectTo(port: number): Promise<Socket | null> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect'); // On one machine, it is refused at once if nobody listens.
    return socket;
  } catch {
    socket.destroy();
    return null;
  }
}

/** Names and values in turn. */
function withoutConnection(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter(
    (_, index) => !/^(?:connection|keep-alive)$/i.test(rawHeaders[index - (index % 2)] ?? ''),
  );
}
