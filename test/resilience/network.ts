/**
 * The network from an app's server to the SSO service's. It forwards every request until a test makes it fail or
 * disappear. Browsers don't use it.
 */
import { createServer, request as forward, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { listen } from '../support/listen.ts';

export interface Network {
  /** The app's `SSO_SERVER_URL`. */
  readonly address: string;
  /** The SSO service's own address. */
  target: string;
  /** Handles requests in place of the SSO service; null forwards them. */
  fault: RequestListener | null;
  /** Requested paths, in order. */
  readonly asked: string[];
  /** The number of open connections. */
  readonly connections: number;
  /** Stops listening and closes every connection. */
  vanish(): Promise<void>;
  comeBack(): Promise<void>;
  /** Forwards a request. */
  readonly carry: RequestListener;
}

export async function startNetwork(): Promise<Network> {
  const sockets = new Set<Socket>();
  const carry: RequestListener = (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const onward = forward(new URL(url ?? '/', network.target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  };
  const server = createServer((incoming, outgoing) => {
    network.asked.push(incoming.url ?? '');
    (network.fault ?? carry)(incoming, outgoing);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const first = await listen(server);
  onTestFinished(first.close);
  const network: Network = {
    address: first.url,
    target: '',
    fault: null,
    asked: [],
    get connections() {
      return sockets.size;
    },
    vanish: first.close,
    comeBack: async () => void (await listen(server, first.port)),
    carry,
  };
  return network;
}
