/** An app's server as the SSO service meets it when it tells of a logout: listens, and keeps what it was sent. */
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { decodeJwt } from 'jose';
import { onTestFinished } from 'vitest';

export interface LogoutReceiver {
  /** Base URL. */
  server: string;
  port: number;
  /** The logout tokens that came, in order. */
  readonly tokens: string[];
  /** The SSO session ids that they name. */
  sids(): string[];
  /** How it answers, once it has read the request; at first with 200. */
  answer: (response: ServerResponse) => void;
}

/** @param port where it listens; any free one by default */
export async function startLogoutReceiver(port = 0): Promise<LogoutReceiver & { stop(): Promise<void> }> {
  const listener: RequestListener = async (request, response) => {
    if (request.url !== '/backchannel-logout') {
      response.writeHead(request.url === '/elsewhere' ? 200 : 404).end();
      return;
    }
    receiver.tokens.push(new URLSearchParams(await text(request)).get('logout_token') ?? '');
    receiver.answer(response);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: bound } = server.address() as AddressInfo;
  const receiver: LogoutReceiver = {
    server: `http://127.0.0.1:${bound}`,
    port: bound,
    tokens: [],
    sids: () => receiver.tokens.map((token) => String(decodeJwt(token)['sid'])),
    answer: (response) => void response.writeHead(200).end(),
  };
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  return Object.assign(receiver, { stop });
}
