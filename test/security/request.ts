/** One HTTP request exactly as an attacker words it: any path, any header, and any header as often as they like. */
import { type Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** A server on loopback. */
export interface Target {
  port: number;
}

export interface Attempt {
  method?: string;
  /** Sent as it stands, neither resolved nor encoded. */
  path?: string;
  /** An array is that many lines. */
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  /** The address of 127.0.0.0/8 that it comes from. */
  from?: string;
  /** Reuses connections; without an agent, each request opens one of its own. */
  agent?: Agent;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** The body, parsed; throws where it is not JSON. */
  json: <Shape = Record<string, unknown>>() => Shape;
}

export async function send(
  { port }: Target,
  { method = 'GET', path = '/', headers = {}, body, from, agent }: Attempt,
) {
  return await new Promise<Answer>((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: { ...length, ...headers },
        agent: agent ?? false,
        localAddress: from,
      },
      async (response) => {
        const answered = await text(response);
        const { statusCode: status = 0 } = response;
        resolve({ status, headers: response.headers, body: answered, json: () => JSON.parse(answered) });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends bytes as they stand, and gives whatever comes back until the server closes the connection. */
export async function sendBytes({ port }: Target, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return await text(socket);
}
