/**
 * The network between an app's server and the SSO service's, in a test's hands: it carries what is sent to it, until
 * it is told to do something else, or not to be there at all. Browsers reach the SSO service past it.
 */
import { once } from 'node:events';
import { createServer, request as forward, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Network {
  /** What the app has for the SSO service's server (`SSO_SERVER_URL`). */
  readonly address: string;
  /** The SSO service's own. */
  target: string;
  /** What becomes of a request; null lets it through. */
  fault: RequestListener | null;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** How many connections are open now. */
  readonly connections: number;
  /** Nobody listens any more, and whoever is connected is cut off. */
  vanish(): Promise<void>;
  comeBack(): Promise<void>;
  /** As the SSO service itself would. */
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
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const vanish = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  onTestFinished(vanish);
  const { port } = server.address() as AddressInfo;

  const network: Network = {
    address: `http://127.0.0.1:${port}`,
    target: '',
    fault: null,
    asked: [],
    get connections() {
      return sockets.size;
    },
    vanish,
    comeBack: () => listen(port),
    carry,
  };
  return network;
}
