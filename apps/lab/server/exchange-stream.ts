/** Streams the exchanges to the inspector as server-sent events (HTML standard, section 9.2). */
import { fastifySSE, type SSEMessage } from '@fastify/sse';
import { HttpProblem } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';
import { paths } from '../exchange/paths.ts';
import type { NumberedExchange, RecentExchanges } from './recent-exchanges.ts';

/** Proxies close a connection over which nothing passes for a minute or less. */
const HEARTBEAT_INTERVAL_MS = 10_000;

/** How long the page's browser waits before it reconnects. */
const RECONNECTION_DELAY_MS = 1000;

/** One for each tab that shows the inspector. Another closes the oldest, so idle ones can't lock it out. */
const MAX_STREAMS = 20;

export async function exchangeStream(
  scope: FastifyInstance,
  { exchanges }: { exchanges: RecentExchanges },
): Promise<void> {
  const streams = new Set<AbortController>();
  let isClosing = false;
  // Otherwise a closing server would wait for the streams, which never end by themselves.
  scope.addHook('preClose', async () => {
    isClosing = true;
    for (const stream of streams) stream.abort();
  });
  await scope.register(fastifySSE, { heartbeatInterval: HEARTBEAT_INTERVAL_MS });

  // A HEAD route would open a stream without a body.
  scope.get(paths.exchanges, { sse: 'only', exposeHeadRoute: false }, async (_request, reply) => {
    if (isClosing) throw new HttpProblem('unavailable', { detail: 'The lab is closing.' });
    const [oldest] = streams;
    if (streams.size >= MAX_STREAMS && oldest) {
      streams.delete(oldest);
      oldest.abort();
    }
    const stream = new AbortController();
    streams.add(stream);
    reply.sse.onClose(() => {
      streams.delete(stream);
      stream.abort();
    });
    reply.header('Cache-Control', 'no-store');
    await reply.sse.send(toMessages(exchanges.follow(reply.sse.lastEventId, stream.signal)));
  });
}

/** The first message has no data. It makes the server send the headers before there is an exchange. */
async function* toMessages(entries: AsyncIterable<NumberedExchange>): AsyncGenerator<SSEMessage> {
  yield { data: undefined, retry: RECONNECTION_DELAY_MS };
  for await (const { sequence, exchange } of entries) yield { id: String(sequence), data: exchange };
}
