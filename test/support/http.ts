/** The tests' HTTP client. It sends any path and any header, as often as a test wants. */
import { type Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

export interface HttpRequest {
  method?: string;
  /** Sent as it is, neither resolved nor encoded. */
  path?: string;
  /** An array is sent as that many lines. */
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  /** The client's address, one of 127.0.0.0/8. */
  from?: string;
  /** Reuses connections. Without an agent, each request opens a connection of its own. */
  agent?: Agent;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The parsed JSON; empty if the content isn't JSON. */
  body: Readonly<Record<string, unknown>>;
}

/** No complete response arrived, so the server may or may not have processed the request. */
export class NoResponseError extends Error {}

/** @throws {NoResponseError} */
export function send({ address }: { address: string }, request: HttpRequest = {}): Promise<Answer> {
  const { method = 'GET', path = '/', headers = {}, body, from, agent } = request;
  const { hostname, port } = new URL(address);
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise<Answer>((resolve, reject) => {
    const fail = (cause: unknown) => reject(new NoResponseError(`${address} didn't respond`, { cause }));
    const sent = httpRequest({
      hostname,
      port,
      method,
      path,
      headers: { ...length, ...headers },
      agent: agent ?? false,
      localAddress: from,
    });
    sent.on('error', fail);
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then((text) => resolve({ status, headers, text, body: parseJson(text) }), fail);
    });
    sent.end(body);
  });
}

function parseJson(content: string): Record<string, unknown> {
  try {
    return JSON.parse(content);
  } catch {
    return {};
  }
}

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Sends bytes as they are. @returns what the server sends until it closes the connection */
export async function sendBytes({ address }: { address: string }, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.write(bytes);
  return await text(socket);
}

export function postForm(
  to: { address: string },
  path: string,
  form: Record<string, string> | string,
  headers: HttpRequest['headers'] = {},
): Promise<Answer> {
  const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
  return send(to, { method: 'POST', path, headers: { ...FORM, ...headers }, body });
}
