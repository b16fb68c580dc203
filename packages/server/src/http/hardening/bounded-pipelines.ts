/**
 * Bounds what clients ask before they are answered (pipelining). A packet holds thousands of requests, and Node makes a
 * dozen objects of each before any hook is asked: without a bound a few clients that read nothing would fill the memory.
 * So it stands where the parser has read a request's headers and nothing has been made of them.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { onConnection } from './connections.ts';

/** Requests that wait for an earlier one of their connection, of all connections together. */
const MOST_WAITING = 1024;

/** Node's own, and documented nowhere: without it, the clients test of the resilience suite would tell. */
interface Parser {
  onIncoming: (request: IncomingMessage, keepsAlive: boolean) => number;
}

/** Connections that would exceed the bound are cut off, with whatever they asked for. */
export function boundPipelines(server: Server): void {
  let waiting = 0;
  onConnection(server, (socket: Socket & { parser?: Parser }) => {
    const { parser } = socket;
    if (!parser) return;
    const goOn = parser.onIncoming;
    let open = 0;
    parser.onIncoming = (request, keepsAlive) => {
      if (open > 0 && waiting >= MOST_WAITING) socket.destroy();
      // What is left of its packet is still parsed, and nothing made of it.
      if (socket.destroyed) return 0;
      if (open > 0) waiting += 1;
      open += 1;
      request.once('close', () => {
        open -= 1;
        if (open > 0) waiting -= 1;
      });
      return goOn.call(parser, request, keepsAlive);
    };
  });
}
